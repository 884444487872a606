package io.usageapi.explorer;

import io.smallrye.mutiny.Uni;
import io.usageapi.security.SecurityConfig;
import jakarta.annotation.security.PermitAll;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** The settings of the explorer that its page needs. */
@Path("/explorer/settings")
public class ExplorerResource {
  private final ExplorerConfig config;
  private final Brand brand;
  private final SecurityConfig security;
  private final Instance<SignInProvider> signIns;

  ExplorerResource(
      ExplorerConfig config,
      Brand brand,
      SecurityConfig security,
      Instance<SignInProvider> signIns) {
    this.config = config;
    this.brand = brand;
    this.security = security;
    this.signIns = signIns;
  }

  /** The settings, which hold no secret. */
  @GET
  @PermitAll
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<ExplorerSettings> settings() {
    ExplorerConfig.OpenId openId = config.openid();
    return Uni.createFrom()
        .item(
            new ExplorerSettings(
                config.name(),
                brand.logoAddress().orElse(null),
                security.organizationClaim(),
                config.embedOrigins().orElse(List.of()),
                openId
                    .issuer()
                    .map(
                        issuer ->
                            new ExplorerSettings.OpenId(
                                issuer,
                                openId.clientId().orElseThrow(),
                                openId.scopes(),
                                openId.audience().orElse(null)))
                    .orElse(null),
                signIns.stream().flatMap(each -> each.offered().stream()).toList()));
  }
}
