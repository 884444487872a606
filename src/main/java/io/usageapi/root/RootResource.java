package io.usageapi.root;

import io.smallrye.mutiny.Uni;
import io.usageapi.explorer.ExplorerConfig;
import io.usageapi.http.ApiRequest;
import io.usageapi.http.PublicAddress;
import io.usageapi.http.QueryParameters;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The root of the API (operation {@code getRoot}): links to what there is, without a token. */
@Path(RootResource.PATH)
public class RootResource {
  static final String PATH = "/express";

  /** Each relation, and the template behind the server's address. */
  private static final Map<String, String> LINKS = links();

  private final PublicAddress address;
  private final boolean explorer;
  private final boolean openApi;

  RootResource(
      PublicAddress address,
      ExplorerConfig explorer,
      @ConfigProperty(name = "quarkus.smallrye-openapi.enabled", defaultValue = "true")
          boolean openApi) {
    this.address = address;
    this.explorer = explorer.enabled();
    this.openApi = openApi;
  }

  private static Map<String, String> links() {
    Map<String, String> links = new LinkedHashMap<>();
    links.put("self", PATH);
    links.put("accounts", PATH + "/accounts{?search,filter,order_by,page,per_page}");
    links.put("account", PATH + "/accounts/{id}");
    links.put("usage_by_month", PATH + "/usage/month{?filter,order_by,per_page,include}");
    links.put("aggregate", PATH + "/usage/month/{id}");
    links.put("aggregate_records", PATH + "/usage/month/{id}/records{?per_page}");
    links.put("totals", PATH + "/usage/month/totals{?group_by,kind,filter,order_by,per_page}");
    links.put("changes", PATH + "/usage/month/changes{?month,with,group_by,kind,filter,order_by}");
    links.put("usage_by_day", PATH + "/usage/day{?filter,order_by,per_page,include}");
    links.put("day", PATH + "/usage/day/{id}");
    links.put("records", PATH + "/usage/records");
    links.put("import", PATH + "/usage/imports/{id}");
    return links;
  }

  /** The links. */
  @GET
  @PermitAll
  @Produces({MediaType.APPLICATION_JSON, "application/hal+json"})
  public Uni<Root> root(@BeanParam ApiRequest request) {
    QueryParameters.of(request.rawQuery(), Set.of()).check();
    String server = address.server(request);
    Map<String, Root.TemplatedLink> links = new LinkedHashMap<>();
    LINKS.forEach((relation, template) -> links.put(relation, link(server + template)));
    if (openApi) {
      links.put("openapi", link(server + "/q/openapi"));
    }
    if (explorer) {
      links.put("explorer", link(server + "/explorer/"));
    }
    return Uni.createFrom().item(new Root(links));
  }

  private static Root.TemplatedLink link(String href) {
    return new Root.TemplatedLink(href, href.indexOf('{') < 0 ? null : true);
  }
}
