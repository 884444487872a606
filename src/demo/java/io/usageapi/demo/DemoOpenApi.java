package io.usageapi.demo;

import io.usageapi.security.Scope;
import java.util.List;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.security.OAuthFlow;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/** Adds the demo's token endpoint to the document, for Swagger UI. */
public class DemoOpenApi implements OASFilter {
  private static final String SCHEME = "demo";

  @Override
  public void filterOpenAPI(OpenAPI document) {
    OAuthFlow flow = OASFactory.createOAuthFlow().tokenUrl("/oauth/token");
    for (String scope :
        List.of(
            Scope.USAGE_READ,
            Scope.ACCOUNTS_READ,
            Scope.USAGE_WRITE,
            Scope.ACCOUNTS_WRITE,
            Scope.OPERATOR)) {
      flow.addScope(scope, scope);
    }
    document
        .getComponents()
        .addSecurityScheme(
            SCHEME,
            OASFactory.createSecurityScheme()
                .type(SecurityScheme.Type.OAUTH2)
                .description(
                    "The demo's clients: reseller, acme, globex, newcomer or any organization, and pipeline.")
                .flows(OASFactory.createOAuthFlows().clientCredentials(flow)));
    document
        .getPaths()
        .getPathItems()
        .values()
        .forEach(
            path ->
                path.getOperations()
                    .values()
                    .forEach(
                        operation ->
                            operation.addSecurityRequirement(
                                OASFactory.createSecurityRequirement().addScheme(SCHEME))));
  }
}
