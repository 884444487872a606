package io.usageapi.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The colours of the chart are told apart with every kind of colour vision, and from the panel. */
class ChartColoursTest {
  private static final Path STYLES =
      Path.of("src/main/resources/META-INF/resources/explorer/chart.css");

  private static final Pattern COLOUR = Pattern.compile("--series-\\w+: (#[0-9a-f]{6});");

  /** A theme's colours: ten of values, and that of all others. */
  private static final int COLOURS = 11;

  /** What is seen of red, green and blue light (Machado, Oliveira and Fernandes 2009). */
  private enum Vision {
    NORMAL(new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}),
    PROTANOPIA(
        new double[][] {
          {0.152286, 1.052583, -0.204868},
          {0.114503, 0.786281, 0.099216},
          {-0.003882, -0.048116, 1.051998}
        }),
    DEUTERANOPIA(
        new double[][] {
          {0.367322, 0.860646, -0.227968},
          {0.280085, 0.672501, 0.047413},
          {-0.011820, 0.042940, 0.968881}
        }),
    TRITANOPIA(
        new double[][] {
          {1.255528, -0.076749, -0.178779},
          {-0.078411, 0.930809, 0.147602},
          {0.004733, 0.691367, 0.303900}
        });

    @SuppressWarnings("ImmutableEnumChecker") // nobody writes into it
    private final double[][] matrix;

    Vision(double[][] matrix) {
      this.matrix = matrix;
    }

    double[] see(double[] light) {
      return Arrays.stream(product(matrix, light))
          .map(part -> Math.min(1, Math.max(0, part)))
          .toArray();
    }
  }

  @ParameterizedTest
  @CsvSource({"light, 0, #ffffff", "dark, 11, #161d27"})
  void any_two_differ_and_each_stands_out(String theme, int first, String panel)
      throws IOException {
    List<String> colours =
        COLOUR
            .matcher(Files.readString(STYLES))
            .results()
            .map(colour -> colour.group(1))
            .skip(first)
            .limit(COLOURS)
            .toList();
    assertThat(colours).hasSize(COLOURS);
    for (String one : colours) {
      assertThat(contrast(one, panel)).as("%s %s and the panel", theme, one).isGreaterThan(3);
      for (String other : colours.subList(colours.indexOf(one) + 1, COLOURS)) {
        for (Vision vision : Vision.values()) {
          assertThat(distance(vision.see(light(one)), vision.see(light(other))))
              .as("%s %s and %s, %s", theme, one, other, vision)
              .isGreaterThan(0.065);
        }
      }
    }
  }

  private static double[] light(String colour) {
    return IntStream.of(1, 3, 5)
        .mapToDouble(at -> Integer.parseInt(colour.substring(at, at + 2), 16) / 255.0)
        .map(part -> part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4))
        .toArray();
  }

  /** The contrast of WCAG 2. */
  private static double contrast(String one, String other) {
    double a = luminance(light(one));
    double b = luminance(light(other));
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }

  private static double luminance(double[] light) {
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2];
  }

  /** How far apart two colours are in OKLab, where black and white are 1 apart. */
  private static double distance(double[] one, double[] other) {
    double[] a = okLab(one);
    double[] b = okLab(other);
    return Math.sqrt(
        Math.pow(a[0] - b[0], 2) + Math.pow(a[1] - b[1], 2) + Math.pow(a[2] - b[2], 2));
  }

  private static double[] okLab(double[] light) {
    double[] cones =
        product(
            new double[][] {
              {0.4122214708, 0.5363325363, 0.0514459929},
              {0.2119034982, 0.6806995451, 0.1073969566},
              {0.0883024619, 0.2817188376, 0.6299787005}
            },
            light);
    return product(
        new double[][] {
          {0.2104542553, 0.7936177850, -0.0040720468},
          {1.9779984951, -2.4285922050, 0.4505937099},
          {0.0259040371, 0.7827717662, -0.8086757660}
        },
        Arrays.stream(cones).map(Math::cbrt).toArray());
  }

  private static double[] product(double[][] matrix, double[] vector) {
    return Arrays.stream(matrix)
        .mapToDouble(row -> row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2])
        .toArray();
  }
}
