package io.usageapi.bare;

import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;

/** One list, for callers with a token, at the address of the server's page. */
@Path("/express/usage/month")
public class OrganizationResource {
  @GET
  @RolesAllowed("express-accounts-usage:read")
  @WithSession
  public Uni<List<Organization>> list() {
    return Organization.listAll();
  }
}
