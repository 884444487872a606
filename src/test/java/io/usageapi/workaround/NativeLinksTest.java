package io.usageapi.workaround;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.netty.handler.ssl.SslContext;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The native executable links everything it can reach, which the JVM does when it is called: Netty
 * is newer here than the platform, and what both need must fit it.
 */
class NativeLinksTest {
  private static final String BROTLI = "com.aayushatharva.brotli4j";

  /** A jar of one of them in a repository of Maven. */
  private static final Pattern JAR =
      Pattern.compile(
          "/(?<group>io/netty|com/aayushatharva/brotli4j)/(?<artifact>[^/]+)/(?<release>[^/]+)/[^/]+\\.jar!");

  /** Of the platform, as Netty's classes are its alone to see. */
  private static final String PLATFORM =
      "io.quarkus.netty.runtime.graal.Target_io_netty_handler_ssl_SslContext";

  /** The library of the native transport is of an earlier release: {@code NativeTransportTest}. */
  @Test
  void all_jars_of_netty_are_of_one_release_and_all_of_brotli_of_one() throws Exception {
    Map<String, Set<String>> releases = new TreeMap<>();
    for (URL manifest :
        Collections.list(getClass().getClassLoader().getResources("META-INF/MANIFEST.MF"))) {
      Matcher jar = JAR.matcher(manifest.toString());
      if (jar.find() && !jar.group("artifact").equals("netty-transport-native-epoll")) {
        releases
            .computeIfAbsent(jar.group("group"), any -> new TreeSet<>())
            .add(jar.group("release"));
      }
    }

    assertThat(releases).containsOnlyKeys("io/netty", "com/aayushatharva/brotli4j");
    assertThat(releases).allSatisfy((group, found) -> assertThat(found).hasSize(1));
  }

  @Test
  void what_netty_calls_of_brotli_is_there() {
    JavaClasses netty =
        new ClassFileImporter().importPackages("io.netty.handler.codec.compression", BROTLI);

    List<JavaCall<?>> calls =
        netty.stream()
            .filter(type -> type.getPackageName().startsWith("io.netty"))
            .flatMap(type -> type.getCodeUnitCallsFromSelf().stream())
            .filter(call -> call.getTargetOwner().getPackageName().startsWith(BROTLI))
            .toList();

    assertThat(calls).isNotEmpty();
    assertThat(calls)
        .filteredOn(call -> call.getTarget().resolveMember().isEmpty())
        .extracting(JavaCall::getDescription)
        .isEmpty();
  }

  /** One that is there twice does not link either: then ours is to go. */
  @Test
  void each_way_to_a_context_of_tls_is_substituted_once() throws Exception {
    List<String> substituted = new ArrayList<>(ways(Class.forName(PLATFORM)));
    substituted.addAll(ways(TargetSslContext.class));

    assertThat(substituted).containsExactlyInAnyOrderElementsOf(ways(SslContext.class));
  }

  @Test
  void what_the_substitution_calls_of_netty_is_there() throws Exception {
    Class<?> context = Class.forName("io.netty.handler.ssl.JdkSslClientContext");
    String aliased =
        parameters(TargetSslContext.TargetJdkSslClientContext.class.getDeclaredConstructors()[0])
            .replace(
                TargetSslContext.TargetResumptionController.class.getName(),
                "io.netty.handler.ssl.ResumptionController");

    assertThat(Stream.of(context.getDeclaredConstructors()).map(NativeLinksTest::parameters))
        .contains(aliased);
    assertThat(Class.forName("io.netty.handler.ssl.ResumptionController").getDeclaredConstructor())
        .isNotNull();
  }

  private static List<String> ways(Class<?> type) {
    return Stream.of(type.getDeclaredMethods())
        .filter(method -> method.getName().matches("new(Client|Server)ContextInternal"))
        .map(NativeLinksTest::signature)
        .toList();
  }

  private static String signature(Method method) {
    return method.getName() + parameters(method);
  }

  private static String parameters(Executable executable) {
    return Arrays.stream(executable.getParameterTypes()).map(Class::getName).toList().toString();
  }
}
