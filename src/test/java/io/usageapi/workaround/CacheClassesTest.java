package io.usageapi.workaround;

import static io.usageapi.fixture.Organization.anOrganization;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarkus.caffeine.runtime.graal.CacheConstructorsFeature;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.fixture.Api;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The classes that Caffeine looks up by name are declared for the native executable. The test reads
 * their names from the caches of this JVM.
 */
@QuarkusTest
class CacheClassesTest {
  private static final String PACKAGE = Caffeine.class.getPackageName() + ".";

  @Test
  void each_class_of_a_cache_is_declared_for_the_native_executable() throws Exception {
    anOrganization().asReader().get(Api.USAGE).then().statusCode(200);

    Set<String> lookedUp = new TreeSet<>();
    lookedUp.addAll(lookedUpBy("LocalCacheFactory"));
    lookedUp.addAll(lookedUpBy("NodeFactory"));

    assertThat(lookedUp).hasSizeGreaterThanOrEqualTo(4);
    assertThat(declared()).containsAll(lookedUp);
  }

  private static Set<String> declared() {
    Set<String> declared = new TreeSet<>(ours());
    declared.addAll(List.of(CacheConstructorsFeature.typesNeedingConstructorsRegistered()));
    return declared;
  }

  private static List<String> ours() {
    return List.of(CacheClasses.class.getAnnotation(RegisterForReflection.class).classNames());
  }

  private static List<String> lookedUpBy(String factory) throws Exception {
    Field factories = Class.forName(PACKAGE + factory).getDeclaredField("FACTORIES");
    factories.setAccessible(true);
    return ((Map<?, ?>) factories.get(null)).keySet().stream().map(name -> PACKAGE + name).toList();
  }
}
