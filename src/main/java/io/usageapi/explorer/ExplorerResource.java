package io.usageapi.explorer;

import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.PermitAll;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** What the explorer needs from the server besides the API. */
@Path("/explorer/sign-ins")
public class ExplorerResource {
  private final Instance<SignInProvider> signIns;

  ExplorerResource(Instance<SignInProvider> signIns) {
    this.signIns = signIns;
  }

  /** The sign-ins offered besides the user's own token. */
  @GET
  @PermitAll
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<List<SignInProvider.SignIn>> signIns() {
    return Uni.createFrom()
        .item(signIns.stream().flatMap(each -> each.offered().stream()).toList());
  }
}
