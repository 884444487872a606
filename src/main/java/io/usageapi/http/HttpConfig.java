package io.usageapi.http;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.util.Optional;

/** What concerns every request and answer. */
@ConfigMapping(prefix = "usage-api")
public interface HttpConfig {
  /**
   * The public address of the server, under which the links in responses lie, for instance {@code
   * https://usage.example.com}. Without it links are made from each request.
   */
  @Pattern(
      regexp = "https?://[^/?#]+(/[^?#]*[^/?#])?",
      message = "must be an http or https address without a query and a slash at its end")
  Optional<String> baseUrl();

  /**
   * How much of answers clients of HTTP/2 may leave unread on this replica, all together, in bytes;
   * past that the connection that leaves most is closed.
   */
  @WithDefault("67108864")
  @Min(1_048_576)
  @Max(17_179_869_184L)
  long maxUnreadBytes();
}
