package io.usageapi.explorer;

/**
 * A way to get a token that the explorer's page offers to everybody: client credentials (RFC 6749
 * section 4.4) that are no secret.
 *
 * @param name as whom one signs in
 * @param description what there is to see
 * @param tokenEndpoint the path of the token endpoint on this server
 * @param clientId the client
 * @param clientSecret what the client shows
 */
public record SignIn(
    String name, String description, String tokenEndpoint, String clientId, String clientSecret) {}
