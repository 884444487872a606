package io.usageapi.focus;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.NotBlank;
import java.util.Optional;

/** Who FOCUS files say the charges come from. */
@ConfigMapping(prefix = "usage-api.focus")
public interface FocusConfig {
  /** Who makes the services available for purchase: {@code ProviderName}. */
  @WithDefault("usage-api")
  @NotBlank
  String provider();

  /** Who produces the services: {@code PublisherName}. By default the provider. */
  Optional<String> publisher();

  /** Who invoices the charges: {@code InvoiceIssuerName}. By default the provider. */
  Optional<String> invoiceIssuer();
}
