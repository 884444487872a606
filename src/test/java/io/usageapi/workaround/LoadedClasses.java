package io.usageapi.workaround;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Tells the classes that a JVM loaded by name from those that another loaded class has in its
 * constant pool. The compiler of the native executable follows constants; a name that is put
 * together at run time it does not see.
 */
final class LoadedClasses implements AutoCloseable {
  /** Loaded first after what a native executable does while it is compiled. */
  private static final String FIRST_AT_RUN_TIME =
      "io.quarkus.runtime.generated.RunTimeConfigCustomizer";

  /** A class in the descriptor of a field or method. */
  private static final Pattern DESCRIBED = Pattern.compile("L([^;<]+)[;<]");

  /** The jar of each class; opened once, as there are thousands. */
  private final Map<String, ZipFile> jars = new HashMap<>();

  private final Map<String, Set<String>> constants = new HashMap<>();

  /**
   * @param application the folder of the packaged server
   */
  LoadedClasses(Path application) throws IOException {
    try (Stream<Path> files = Files.walk(application)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".jar")).toList()) {
        ZipFile jar = new ZipFile(file.toFile());
        jar.stream()
            .map(ZipEntry::getName)
            .filter(name -> name.endsWith(".class"))
            .map(name -> name.replaceAll("\\.class$", "").replace('/', '.'))
            .forEach(name -> jars.putIfAbsent(name, jar));
      }
    }
  }

  /**
   * The classes of the application that were loaded by name while it ran, without the declared ones
   * and what these lead to.
   *
   * @param log what a JVM loaded: the log {@code class+load} without decorations
   */
  Set<String> undeclared(Path log, NativeDeclarations declared) throws IOException {
    Deque<String> reached = new ArrayDeque<>();
    Set<String> unreached = new HashSet<>();
    boolean running = false;
    for (String line : Files.readAllLines(log)) {
      String name = line.split(" ", 2)[0];
      running |= name.equals(FIRST_AT_RUN_TIME);
      if (jars.containsKey(name)) {
        if (!running || declared.classes().contains(name)) {
          reached.push(name);
        } else {
          unreached.add(name);
        }
      }
    }
    while (!reached.isEmpty()) {
      String type = reached.pop();
      for (Set<String> led :
          List.of(constants(type), declared.conditional().getOrDefault(type, Set.of()))) {
        led.stream().filter(unreached::remove).forEach(reached::push);
      }
    }
    return unreached;
  }

  /** The classes of the application in a class's constant pool. */
  private Set<String> constants(String type) throws IOException {
    Set<String> known = constants.get(type);
    if (known == null) {
      ZipFile jar = jars.get(type);
      ZipEntry entry = jar.getEntry(type.replace('.', '/') + ".class");
      try (DataInputStream file =
          new DataInputStream(new ByteArrayInputStream(jar.getInputStream(entry).readAllBytes()))) {
        known = pool(file);
      }
      known.retainAll(jars.keySet());
      constants.put(type, known);
    }
    return known;
  }

  /**
   * All texts, classes among them. JVM specification, section 4.4: texts, names and descriptors are
   * all UTF-8 entries.
   */
  private static Set<String> pool(DataInputStream file) throws IOException {
    Set<String> texts = new HashSet<>();
    file.skipNBytes(8);
    int count = file.readUnsignedShort();
    for (int i = 1; i < count; i++) {
      int tag = file.readUnsignedByte();
      switch (tag) {
        case 1 -> {
          String text = file.readUTF().replace('/', '.');
          texts.add(text);
          DESCRIBED.matcher(text).results().forEach(type -> texts.add(type.group(1)));
        }
        case 7, 8, 16, 19, 20 -> file.skipNBytes(2);
        case 15 -> file.skipNBytes(3);
        case 5, 6 -> {
          file.skipNBytes(8);
          i++;
        }
        default -> file.skipNBytes(4);
      }
    }
    return texts;
  }

  @Override
  public void close() throws IOException {
    for (ZipFile jar : new HashSet<>(jars.values())) {
      jar.close();
    }
  }
}
