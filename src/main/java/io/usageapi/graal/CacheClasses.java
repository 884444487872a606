package io.usageapi.graal;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Caffeine looks up by name the classes of a cache and of its entries, which it has one of for each
 * set of features: in a native executable only those named here are found, and the platform's own
 * list lacks some of them. {@code CacheClassesTest} says which the server needs.
 */
@RegisterForReflection(
    classNames = {
      // Of verified tokens: expires after write, bounded by weight.
      "com.github.benmanes.caffeine.cache.SSMWW",
      "com.github.benmanes.caffeine.cache.PSWMW",
      // Of rate limits: expires after access, bounded by size.
      "com.github.benmanes.caffeine.cache.SSMSA",
      "com.github.benmanes.caffeine.cache.PSAMS"
    })
final class CacheClasses {
  private CacheClasses() {}
}
