package io.usageapi.explorer;

import java.util.List;

/** Provides sign-ins for the explorer. Without a provider it offers none. */
public interface SignInProvider {
  /**
   * A way to get a token that the explorer offers to everybody: public client credentials (RFC 6749
   * section 4.4).
   *
   * @param name the name to sign in as
   * @param description what it shows
   * @param tokenEndpoint the path of the token endpoint on this server
   */
  record SignIn(
      String name,
      String description,
      String tokenEndpoint,
      String clientId,
      String clientSecret) {}

  /** The sign-ins, in display order. */
  List<SignIn> offered();
}
