package io.usageapi.workaround;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The library of Netty's native transport is of another release than its classes. */
class NativeTransportTest {
  private static final String PACKAGE = "io.netty.channel.epoll.";

  @Test
  @EnabledOnOs(OS.LINUX)
  void the_library_is_loaded() {
    assertThat(Epoll.unavailabilityCause()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x86_64", "aarch_64"})
  void the_library_has_every_native_method_of_the_classes(String machine) throws Exception {
    String library = library("META-INF/native/libnetty_transport_native_epoll_" + machine + ".so");

    List<String> names = new ArrayList<>();
    for (Class<?> type :
        List.of(
            Class.forName(PACKAGE + "Native"),
            Class.forName(PACKAGE + "NativeStaticallyReferencedJniMethods"),
            LinuxSocket.class,
            Socket.class,
            FileDescriptor.class)) {
      Arrays.stream(type.getDeclaredMethods())
          .filter(method -> Modifier.isNative(method.getModifiers()))
          .map(Method::getName)
          .forEach(names::add);
    }

    assertThat(names)
        .hasSizeGreaterThan(100)
        .allSatisfy(name -> assertThat(library).contains(name));
  }

  private static String library(String path) throws IOException {
    try (InputStream library =
        NativeTransportTest.class.getClassLoader().getResourceAsStream(path)) {
      return new String(library.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}
