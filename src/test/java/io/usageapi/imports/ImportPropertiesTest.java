package io.usageapi.imports;

import static io.restassured.path.json.config.JsonPathConfig.jsonPathConfig;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.path.json.config.JsonPathConfig.NumberReturnType;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.TestPostgres;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Any sequence of files under any ids, with repeats, restatements, splits, broken bodies and
 * records in between, ends as the last file of each id sent alone. Each run draws the same; {@code
 * -Dtest.usageapi.seed=} and a number draws others, and a failure names its seed.
 */
@QuarkusTest
class ImportPropertiesTest {
  private static final long SEED = Long.getLong("test.usageapi.seed", 20261128L);
  private static final int SEQUENCES = Integer.getInteger("test.usageapi.sequences", 5);
  private static final int STEPS = 8;
  private static final List<String> IDS = List.of("aws", "azure", "b/ü");
  private static final List<String> COLUMNS = Arrays.asList(FOCUS_HEADER.trim().split(","));

  /** What must be zero: rows of sums that their records do not add up to, and what is staged. */
  private static final List<String> FAULTS =
      List.of(
          """
          SELECT count(*) FROM (
            SELECT aggregate_id AS id, sum(number_of_units) AS u, sum(total_amount) AS a
            FROM usage_record WHERE organization_id = ? GROUP BY 1) AS r
          FULL JOIN (SELECT * FROM monthly_usage WHERE organization_id = ?) AS m ON m.id = r.id
          WHERE (r.u, r.a) IS DISTINCT FROM (m.number_of_units, m.total_amount)
          """,
          """
          SELECT count(*) FROM (
            SELECT aggregate_id, (occurred_at AT TIME ZONE 'UTC')::date AS day,
              sum(number_of_units) AS u, sum(total_amount) AS a
            FROM usage_record WHERE organization_id = ? GROUP BY 1, 2) AS r
          FULL JOIN (SELECT * FROM daily_usage WHERE organization_id = ?) AS d
            ON d.aggregate_id = r.aggregate_id AND d.day = r.day
          WHERE (r.u, r.a) IS DISTINCT FROM (d.number_of_units, d.total_amount)
          """,
          """
          SELECT count(*) FROM (
            SELECT f.field, type IN ('CREDIT_COMMIT', 'RECHARGE') AS top_up, month,
              coalesce(f.value, '') AS value, currency, unit, coalesce(unit_word, '') AS unit_word,
              sum(number_of_units) AS u, sum(total_amount) AS a, max(updated_at) AS at
            FROM monthly_usage, LATERAL (VALUES ('type', type), ('product_id', product_id),
              ('aggr_product_id', aggr_product_id), ('direction', direction),
              ('resolution', resolution)) AS f (field, value)
            WHERE organization_id = ? GROUP BY 1, 2, 3, 4, 5, 6, 7) AS m
          FULL JOIN (SELECT * FROM month_total WHERE organization_id = ?) AS t
            USING (field, top_up, month, value, currency, unit, unit_word)
          WHERE (u, a, at) IS DISTINCT FROM (t.number_of_units, t.total_amount, t.updated_at)
          """,
          """
          SELECT count(*) FROM data_version
          WHERE organization_id IN (?, ?)
            AND (totals_version = version AND totals_build IS NULL) IS NOT TRUE
          """,
          """
          SELECT (SELECT count(*) FROM record_identity WHERE organization_id = ?)
            - (SELECT count(*) FROM usage_record WHERE organization_id = ?)
          """,
          """
          SELECT (SELECT count(*) FROM staged_row WHERE organization_id = ?)
            + (SELECT count(*) FROM import_upload WHERE organization_id = ?)
          """);

  private static final List<String> TOTALS =
      List.of(
          "include=updated_at",
          "group_by=month&include=updated_at&filter=currency ne 'USD'",
          "group_by=month,product_id,unit&include=unit_word,updated_at",
          "group_by=aggr_product_id&filter=month ge '2026-09'&include=updated_at",
          "group_by=type,month&filter=unit eq 'GB' and type ne 'CALL'");

  private final Random random = new Random(SEED);

  @Test
  void any_sequence_of_files_ends_as_the_last_file_of_each_id_alone() throws SQLException {
    for (int sequence = 0; sequence < SEQUENCES; sequence++) {
      Organization acme = anOrganization();
      acme.account();
      Map<String, List<String>> last = new TreeMap<>();
      List<RatedRecord> records = new ArrayList<>();
      String log = "";
      for (int step = 0; step < STEPS; step++) {
        log += step(acme, last, records) + "; ";
      }
      Organization alone = anOrganization();
      alone.hasSent(records);
      last.forEach((id, rows) -> Import.of(alone.writer(), id).put(file(alone, rows)));

      String what = "seed " + SEED + ", sequence " + sequence + ": " + log;
      assertThat(usage(acme, Api.USAGE)).as(what).isEqualTo(usage(alone, Api.USAGE));
      assertThat(usage(acme, Api.DAYS)).as(what).isEqualTo(usage(alone, Api.DAYS));
      for (String query : TOTALS) {
        // Pages come from the totals of months, exports from the aggregates.
        Map<String, String> parameters =
            Arrays.stream(query.split("&"))
                .map(each -> each.split("=", 2))
                .collect(toMap(each -> each[0], each -> each[1]));
        assertThat(sorted(acme.pageOf(Api.TOTALS, parameters).walk("next")))
            .as(what + query)
            .isEqualTo(sorted(exported(acme, parameters)));
      }
      for (String fault : FAULTS) {
        assertThat(TestPostgres.one(fault, acme.id(), acme.id())).as(what + fault).isEqualTo("0");
      }
      for (Map.Entry<String, List<String>> each : last.entrySet()) {
        Import.of(acme.writer(), each.getKey()).get().body("rows", equalTo(each.getValue().size()));
      }
    }
  }

  /** Takes a step, and describes it. */
  private String step(
      Organization acme, Map<String, List<String>> last, List<RatedRecord> records) {
    String id = IDS.get(random.nextInt(IDS.size()));
    Import bill = Import.of(acme.writer(), id);
    List<String> before = last.getOrDefault(id, List.of());
    switch (random.nextInt(7)) {
      case 0 -> {
        RatedRecord record = aRecord().of("sku-1").in("2026-08").amount(random.nextInt(100));
        acme.hasSent(record);
        records.add(record);
        return "record";
      }
      case 1 -> {
        bill.send("text/csv", (file(acme, rows(3)) + "\"broken").getBytes(UTF_8)).statusCode(400);
        return "broken " + id;
      }
      case 2 -> {
        if (last.remove(id) != null) {
          bill.delete().changes(0, before.size(), 0);
        }
        return "delete " + id;
      }
      case 3 -> {
        replace(acme, bill, last, before);
        return "again " + id;
      }
      case 4 -> {
        List<String> restated = new ArrayList<>(before);
        restated.removeIf(row -> random.nextInt(4) == 0);
        restated.addAll(rows(random.nextInt(4)));
        Collections.shuffle(restated, random);
        replace(acme, bill, last, restated);
        return "restate " + id;
      }
      case 5 -> {
        int half = before.size() / 2;
        String other = IDS.get((IDS.indexOf(id) + 1) % IDS.size());
        List<String> moved = new ArrayList<>(last.getOrDefault(other, List.of()));
        moved.addAll(before.subList(half, before.size()));
        replace(acme, bill, last, before.subList(0, half));
        replace(acme, Import.of(acme.writer(), other), last, moved);
        return "split " + id;
      }
      default -> {
        replace(acme, bill, last, rows(1 + random.nextInt(20)));
        return "new " + id;
      }
    }
  }

  private void replace(
      Organization acme, Import bill, Map<String, List<String>> last, List<String> rows) {
    List<String> before = last.getOrDefault(bill.id(), List.of());
    List<String> added = new ArrayList<>(rows);
    before.forEach(added::remove);
    List<String> removed = new ArrayList<>(before);
    rows.forEach(removed::remove);
    bill.put(file(acme, rows)).changes(added.size(), removed.size(), rows.size() - added.size());
    last.put(bill.id(), List.copyOf(rows));
  }

  /** Rows of so few values that many are equal, and that fall into few aggregates. */
  private List<String> rows(int count) {
    return Stream.generate(
            () ->
                "%%s,,%%s%s,,sku-%d,,,,2026-%sZ,EUR,%s,%s,%d,%s"
                    .formatted(
                        pick("", "-a", "-b"),
                        random.nextInt(3),
                        pick("08-31T23:59:59", "09-01T00:00:00", "09-02T12:00:00"),
                        pick("GB", "GB-Hours", ""),
                        pick("", "0.5"),
                        random.nextInt(2),
                        pick("1", "0.0000000000000000000000000001", "-2.5")))
        .limit(count)
        .toList();
  }

  private String pick(String... values) {
    return values[random.nextInt(values.length)];
  }

  /** A file with its columns in any order. */
  private String file(Organization organization, List<String> rows) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < COLUMNS.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, random);
    return Stream.concat(Stream.of(FOCUS_HEADER.trim()), rows.stream())
        .map(
            row -> {
              String[] cells = row.replace("%s", organization.id()).split(",", -1);
              return order.stream().map(i -> cells[i]).collect(joining(","));
            })
        .collect(joining("\n", "", "\n"));
  }

  private static List<String> sorted(List<Map<String, Object>> rows) {
    return rows.stream().map(Map::toString).sorted().toList();
  }

  private static List<Map<String, Object>> exported(
      Organization organization, Map<String, String> query) {
    String lines =
        organization
            .asReader()
            .accept("application/x-ndjson")
            .queryParams(query)
            .get(Api.TOTALS)
            .asString();
    return new JsonPath("[" + lines.trim().replace("\n", ",") + "]")
        .using(jsonPathConfig().numberReturnType(NumberReturnType.BIG_DECIMAL))
        .getList("$");
  }

  /** Usage without ids and without the name of the organization in those of accounts. */
  private static List<String> usage(Organization organization, String resource) {
    return organization.pageOf(resource, "per_page", 250).walk("next").stream()
        .map(
            row -> {
              Map<String, Object> values = new TreeMap<>(row);
              values.remove("id");
              values.replaceAll(
                  (field, value) ->
                      value instanceof BigDecimal number
                          ? number.stripTrailingZeros().toPlainString()
                          : value);
              return values.toString().replace(organization.id(), "~");
            })
        .sorted()
        .toList();
  }
}
