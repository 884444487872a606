package io.usageapi.demo;

import io.quarkus.arc.profile.IfBuildProfile;
import io.usageapi.explorer.SignInProvider;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * The organizations of the demo's data, for the explorer to sign in as. Not in a resource: methods
 * of resources without a scope are closed, also to other beans.
 */
@ApplicationScoped
@IfBuildProfile("demo")
public class DemoSignIns implements SignInProvider {
  @Override
  public List<SignIn> offered() {
    return List.of(
        signIn("reseller", "sixty accounts in three currencies"),
        signIn("acme", "an account in each of three currencies"),
        signIn("globex", "one account"),
        signIn("newcomer", "no usage yet"));
  }

  private static SignIn signIn(String organization, String description) {
    return new SignIn(organization, description, "/oauth/token", organization, DemoClient.SECRET);
  }
}
