package io.usageapi.explorer;

import java.util.List;

/**
 * The settings that the page needs before anybody signs in.
 *
 * @param name the name of the page
 * @param logo its address, absolute or relative to the page, or null
 * @param organizationClaim the claim of a token that names the organization
 * @param parents the origins that may frame the page and hand it a token
 * @param openId the OpenID provider, or null
 * @param signIns ways to sign in that are open to everybody
 */
public record ExplorerSettings(
    String name,
    String logo,
    String organizationClaim,
    List<String> parents,
    OpenId openId,
    List<SignInProvider.SignIn> signIns) {

  /**
   * An OpenID provider.
   *
   * @param audience null if the provider needs none
   */
  public record OpenId(String issuer, String clientId, String scopes, String audience) {}
}
