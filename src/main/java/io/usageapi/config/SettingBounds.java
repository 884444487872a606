package io.usageapi.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.ConfigValidationException.Problem;
import io.smallrye.config.ConfigValidator;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.SmallRyeConfigBuilderCustomizer;
import io.smallrye.config.common.utils.StringUtil;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Holds the settings of this server to the bounds of their {@link ConfigMapping} interfaces, and
 * refuses to start with the names of all that are out of bounds.
 *
 * <p>The validator of the framework reads the 200 interfaces of the framework too, which takes a
 * third of the start ({@code bench/README.md}).
 */
public final class SettingBounds implements SmallRyeConfigBuilderCustomizer, ConfigValidator {
  private static final String OURS = SettingBounds.class.getPackageName().replace("config", "");

  @Override
  public void configBuilder(SmallRyeConfigBuilder builder) {
    builder.withValidator(this);
  }

  @Override
  public void validateMapping(Class<?> mapping, String prefix, Object settings) {
    if (!mapping.getName().startsWith(OURS)) {
      return;
    }
    List<Problem> problems = new ArrayList<>();
    check(mapping, prefix, settings, problems);
    if (!problems.isEmpty()) {
      throw new ConfigValidationException(problems.toArray(Problem[]::new));
    }
  }

  private static void check(
      Class<?> group, String prefix, Object settings, List<Problem> problems) {
    for (Method setting : group.getDeclaredMethods()) {
      String name = prefix + '.' + StringUtil.skewer(setting.getName());
      for (Object value : values(setting, settings)) {
        if (setting.getReturnType().getEnclosingClass() == group && !(value instanceof Enum)) {
          check(setting.getReturnType(), name, value, problems);
        } else {
          bound(setting, value)
              .ifPresent(
                  bound -> problems.add(new Problem(name + " is '" + value + "', but " + bound)));
        }
      }
    }
  }

  /** The values of a setting: none if it is optional and not set, several if it is a list. */
  private static Collection<?> values(Method setting, Object settings) {
    try {
      Object value = setting.invoke(settings);
      Object given = value instanceof Optional<?> optional ? optional.orElse(null) : value;
      if (given == null) {
        return List.of();
      }
      return given instanceof Collection<?> several ? several : List.of(given);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(setting.toString(), e);
    }
  }

  /** The bound that a value breaks. */
  private static Optional<String> bound(Method setting, Object value) {
    Min min = setting.getAnnotation(Min.class);
    if (min != null && ((Number) value).longValue() < min.value()) {
      return Optional.of("must be at least " + min.value());
    }
    Max max = setting.getAnnotation(Max.class);
    if (max != null && ((Number) value).longValue() > max.value()) {
      return Optional.of("must be at most " + max.value());
    }
    AtLeast shortest = setting.getAnnotation(AtLeast.class);
    if (shortest != null && ((Duration) value).toMillis() < shortest.millis()) {
      return Optional.of("must be at least " + shortest.millis() + " milliseconds");
    }
    if (setting.isAnnotationPresent(NotBlank.class) && value.toString().isBlank()) {
      return Optional.of("must not be blank");
    }
    Size size = setting.getAnnotation(Size.class);
    if (size != null && value.toString().length() > size.max()) {
      return Optional.of("must have at most " + size.max() + " characters");
    }
    Pattern pattern = setting.getAnnotation(Pattern.class);
    if (pattern != null && !value.toString().matches(pattern.regexp())) {
      return Optional.of(pattern.message());
    }
    return Optional.empty();
  }
}
