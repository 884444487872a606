package io.usageapi.explorer;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.buffer.Buffer;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The colours and the logo of the vendor whose page the explorer is. */
@Singleton // made with ExplorerPages at the start, so that bad settings stop it
public class Brand {
  /**
   * A logo that the server serves.
   *
   * @param type its media type
   * @param content read when the server starts
   */
  record Logo(String type, Buffer content) {}

  private static final String PREFIX = "usage-api.explorer.";
  private static final int MAX_LOGO_BYTES = 262_144;
  private static final Map<String, String> TYPES =
      Map.of("svg", "image/svg+xml", "png", "image/png", "webp", "image/webp", "jpg", "image/jpeg");

  /** The backgrounds in explorer.css that are hardest to read on. */
  private static final Colour LIGHT = Colour.of("#f4f6f9");

  private static final Colour DARK = Colour.of("#161d27");

  /** Text on the accent: the better of the two. */
  private static final List<String> ON_ACCENT = List.of("#ffffff", "#0b1730");

  private final String stylesheet;
  private final Optional<String> address;
  private final Optional<Logo> logo;

  Brand(ExplorerConfig config) {
    this.stylesheet =
        rule(PREFIX + "accent", config.accent(), LIGHT)
            + rule(PREFIX + "accent-dark", config.accentDark(), DARK)
                .replaceFirst("(?s)(.+)", "@media (prefers-color-scheme: dark) {\n$1}\n");
    this.address = config.logo().filter(logo -> logo.contains("://"));
    address.filter(each -> !each.matches(ExplorerConfig.SECURE_ADDRESS)).ifPresent(Brand::refuse);
    this.logo = config.logo().filter(logo -> address.isEmpty()).map(Brand::read);
  }

  private static String rule(String setting, Optional<String> accent, Colour page) {
    if (accent.isEmpty()) {
      return "";
    }
    Colour colour = Colour.of(accent.get());
    if (!colour.isReadableOn(page)) {
      throw new ConfigurationException(
          String.format(
              Locale.ROOT,
              "%s: %s has a contrast of %.1f to the page; text needs 4.5",
              setting,
              accent.get(),
              colour.contrast(page)),
          Set.of(setting));
    }
    String text =
        colour.isReadableOn(Colour.of(ON_ACCENT.get(0))) ? ON_ACCENT.get(0) : ON_ACCENT.get(1);
    return """
        :root {
          --accent: %s;
          --on-accent: %s;
          --soft: color-mix(in srgb, %1$s 10%%, var(--panel));
        }
        """
        .formatted(accent.get(), text);
  }

  private static Logo read(String file) {
    String type = TYPES.get(file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    try {
      Path path = Path.of(file);
      if (type != null && Files.size(path) <= MAX_LOGO_BYTES) {
        return new Logo(type, Buffer.buffer(Files.readAllBytes(path)));
      }
    } catch (IOException | java.nio.file.InvalidPathException e) {
      // Refused below, as a file of another kind is.
    }
    throw refused(file);
  }

  private static void refuse(String logo) {
    throw refused(logo);
  }

  private static ConfigurationException refused(String logo) {
    return new ConfigurationException(
        PREFIX
            + "logo: "
            + logo
            + " is neither an https address nor a readable SVG, PNG, WebP or JPEG file of at most"
            + " 256 KiB",
        Set.of(PREFIX + "logo"));
  }

  /** The style sheet that comes after the explorer's own; empty without colours. */
  String stylesheet() {
    return stylesheet;
  }

  /** The logo, if it is a file. */
  Optional<Logo> logo() {
    return logo;
  }

  /** Where the page finds the logo: an absolute address, or one relative to the page. */
  Optional<String> logoAddress() {
    return address.or(() -> logo.map(file -> ExplorerPages.LOGO));
  }
}
