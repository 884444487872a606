package io.usageapi.demo;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;

/** Keys that live as long as the process: tokens of a demo are worthless elsewhere. */
public final class DemoKeys {
  private static final int BITS = 2048;

  private DemoKeys() {}

  /** A new pair of RSA keys. */
  public static KeyPair generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(BITS);
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has RSA", e);
    }
  }
}
