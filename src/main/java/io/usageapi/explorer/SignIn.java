package io.usageapi.explorer;

/**
 * A way to get a token that the explorer offers to everybody: public client credentials (RFC 6749
 * section 4.4).
 *
 * @param name the name to sign in as
 * @param description what it shows
 * @param tokenEndpoint the path of the token endpoint on this server
 * @param clientId the client id
 * @param clientSecret the client secret
 */
public record SignIn(
    String name, String description, String tokenEndpoint, String clientId, String clientSecret) {}
