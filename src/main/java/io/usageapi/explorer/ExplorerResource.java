package io.usageapi.explorer;

import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.PermitAll;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** What the explorer's page asks the server beside the API. */
@Path("/explorer/sign-ins")
public class ExplorerResource {
  private final Instance<SignIns> signIns;

  ExplorerResource(Instance<SignIns> signIns) {
    this.signIns = signIns;
  }

  /** The ways to sign in beside a token of one's own; none unless something offers them. */
  @GET
  @PermitAll
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<List<SignIn>> signIns() {
    return Uni.createFrom()
        .item(signIns.stream().flatMap(each -> each.offered().stream()).toList());
  }
}
