package io.usageapi.twin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.agroal.api.AgroalDataSource;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/**
 * The page of the server, written the blocking way on the same framework: JDBC on virtual threads,
 * the page's own SQL, tokens verified once. It reads {@code per_page} and the cursors of the order
 * by id, checks nothing, and has none of the server's metrics, limits and headers.
 */
@Path("/express/usage/month")
public class UsageResource {
  private static final Pattern ARGUMENT = Pattern.compile("[$](\\d)");
  private static final int ID_DIGITS = 32;

  private final AgroalDataSource database;
  private final SecurityIdentity caller;
  private final String sql;
  private final List<Integer> arguments = new ArrayList<>();

  UsageResource(
      AgroalDataSource database,
      SecurityIdentity caller,
      @ConfigProperty(name = "twin.sql") java.nio.file.Path sql)
      throws IOException {
    this.database = database;
    this.caller = caller;
    Matcher argument = ARGUMENT.matcher(Files.readString(sql).strip());
    this.sql =
        argument.replaceAll(
            found -> {
              arguments.add(Integer.valueOf(found.group(1)));
              return "?";
            });
  }

  @GET
  @RolesAllowed("express-accounts-usage:read")
  @RunOnVirtualThread
  public RestResponse<Page> page(
      @RestQuery String cursor, @RestQuery("per_page") int perPage, @Context UriInfo request)
      throws SQLException, NoSuchAlgorithmException {
    String organization = caller.getAttribute(VerifiedTokens.ORGANIZATION);
    byte[] position = Base64.getUrlDecoder().decode(cursor);
    UUID after = id(new String(position, position.length - ID_DIGITS, ID_DIGITS, StandardCharsets.UTF_8));
    List<Aggregate> aggregates = new ArrayList<>(perPage + 1);
    UUID version = null;
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < arguments.size(); i++) {
        statement.setObject(
            i + 1,
            switch (arguments.get(i)) {
              case 2 -> after;
              case 3 -> perPage + 1;
              default -> organization;
            });
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          if (rows.getObject("version") instanceof UUID read) {
            version = read;
          }
          if (rows.getObject(1) instanceof UUID id) {
            aggregates.add(aggregate(id, rows));
          }
        }
      }
    }
    boolean more = aggregates.size() > perPage;
    List<Aggregate> usage = more ? aggregates.subList(0, perPage) : aggregates;
    String path = request.getBaseUri().resolve(request.getPath()) + "?per_page=" + perPage;
    Link self = link(path, cursor);
    Link first = new Link(path);
    Link last = link(path, end(position));
    Link next = more ? link(path, with('>', position, bytes(usage.get(usage.size() - 1)))) : null;
    Link prev = usage.isEmpty() ? null : link(path, with('<', position, bytes(usage.get(0))));
    Links links = new Links(first, last, next, prev, self);
    String tag = organization + version + self.href();
    String etag =
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256").digest(tag.getBytes(StandardCharsets.UTF_8)));
    return ResponseBuilder.ok(
            new Page(first, last, next, prev, self, self, usage.size(), perPage, new Embedded(usage), links))
        .header("ETag", "W/\"" + etag + '"')
        .header("Cache-Control", "private, no-cache, max-age=0, must-revalidate")
        .header("Vary", "Accept, Accept-Encoding")
        .build();
  }

  private static Aggregate aggregate(UUID id, ResultSet row) throws SQLException {
    return new Aggregate(
        id.toString().replace("-", ""),
        row.getString("account_id"),
        row.getString("product_id"),
        row.getString("aggr_product_id"),
        row.getObject("month", LocalDate.class).toString().substring(0, 7),
        row.getString("type"),
        row.getString("description"),
        row.getString("currency"),
        row.getString("direction"),
        row.getString("resolution"),
        row.getString("unit"),
        plain(row.getBigDecimal("price")),
        row.getString("wallet_name"),
        plain(row.getBigDecimal("number_of_units")),
        plain(row.getBigDecimal("total_amount")));
  }

  /** As the server gives it: without trailing zeros, and never with an exponent. */
  private static BigDecimal plain(BigDecimal number) {
    if (number == null) {
      return null;
    }
    BigDecimal stripped = number.stripTrailingZeros();
    return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
  }

  private static byte[] bytes(Aggregate aggregate) {
    return aggregate.id().getBytes(StandardCharsets.UTF_8);
  }

  private static String with(char direction, byte[] position, byte[] id) {
    byte[] other = position.clone();
    other[1] = (byte) direction;
    System.arraycopy(id, 0, other, position.length - ID_DIGITS, ID_DIGITS);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(other);
  }

  private static String end(byte[] position) {
    byte[] other = Arrays.copyOf(position, 2 + 2 * Long.BYTES);
    other[1] = '$';
    return Base64.getUrlEncoder().withoutPadding().encodeToString(other);
  }

  private static Link link(String path, String cursor) {
    return new Link(path + "&cursor=" + URLEncoder.encode(cursor, StandardCharsets.UTF_8));
  }

  private static UUID id(String digits) {
    return new UUID(
        Long.parseUnsignedLong(digits, 0, 16, 16), Long.parseUnsignedLong(digits, 16, 32, 16));
  }

  /** A link. */
  public record Link(String href) {}

  /** The links of a page. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Links(Link first, Link last, Link next, Link prev, Link self) {}

  /** What a page holds. */
  public record Embedded(List<Aggregate> usage) {}

  /** A page. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Page(
      Link first,
      Link last,
      Link next,
      Link prev,
      Link self,
      Link show,
      int count,
      int perPage,
      @JsonProperty("_embedded") Embedded embedded,
      @JsonProperty("_links") Links links) {}

  /** A row. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Aggregate(
      String id,
      String accountId,
      String productId,
      String aggrProductId,
      String month,
      String type,
      String description,
      String currency,
      String direction,
      String resolution,
      String unit,
      BigDecimal price,
      String walletName,
      BigDecimal numberOfUnits,
      BigDecimal totalAmount) {}
}
