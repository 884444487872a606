package io.usageapi.workaround;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Names the classes of Caffeine that the server's caches need. Caffeine has one for each set of
 * features and looks it up by name, so a native executable finds only those named here or by the
 * platform, whose list lacks some: <a
 * href="https://github.com/quarkusio/quarkus/pull/22121">quarkus#22121</a>. {@code
 * CacheClassesTest} says which the server needs.
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
