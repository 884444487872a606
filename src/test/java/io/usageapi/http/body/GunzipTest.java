package io.usageapi.http.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies in gzip, however they are split into members and cut into packets. */
class GunzipTest {
  private static final int RATIO = 100;
  private static final String PLAIN = "{\"id\":1}\n";

  /**
   * What a sender sends.
   *
   * @param plain what it means
   * @param members it as gzip, in members
   * @param cuts draws how the network cuts it, and how much is asked for at a time
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Sent(byte[] plain, List<byte[]> members, long cuts) {
    byte[] zipped() {
      return joined(members);
    }
  }

  @Provide
  Arbitrary<Sent> sent() {
    Arbitrary<byte[]> part =
        Arbitraries.oneOf(
            Arbitraries.bytes().array(byte[].class).ofMaxSize(300),
            // Long enough for several blocks and buffers, and as repetitive as records are.
            Arbitraries.integers()
                .between(0, 60_000)
                .map(length -> bytes(PLAIN.repeat(length / PLAIN.length()))),
            Arbitraries.integers().between(0, 20_000).map(GunzipTest::noise));
    Arbitrary<Byte> flags = Arbitraries.bytes().between((byte) 0, (byte) 31);
    return Combinators.combine(
            part.list().ofMinSize(1).ofMaxSize(5),
            flags.list().ofSize(5),
            Arbitraries.integers().between(0, 9),
            Arbitraries.longs())
        .as(
            (parts, headers, level, cuts) -> {
              List<byte[]> members = new ArrayList<>();
              for (int i = 0; i < parts.size(); i++) {
                members.add(member(parts.get(i), headers.get(i), level));
              }
              return new Sent(joined(parts), members, cuts);
            });
  }

  @Property
  void however_a_body_is_split_and_cut_the_same_comes_out(@ForAll("sent") Sent sent)
      throws IOException {
    assertThat(read(sent.zipped(), sent.cuts())).isEqualTo(sent.plain());
  }

  @Property(tries = 500)
  void a_byte_that_is_changed_is_refused_or_changes_nothing(
      @ForAll("sent") Sent sent, @ForAll @IntRange(min = 1, max = 255) int change) {
    byte[] zipped = sent.zipped();
    zipped[new Random(sent.cuts()).nextInt(zipped.length)] ^= (byte) change;

    assertThat(readIfValid(zipped, sent.cuts()).orElse(sent.plain())).isEqualTo(sent.plain());
  }

  @Property(tries = 300)
  void what_ends_within_a_member_is_refused(@ForAll("sent") Sent sent) {
    byte[] last = sent.members().get(sent.members().size() - 1);
    byte[] zipped = sent.zipped();
    int missing = 1 + new Random(sent.cuts()).nextInt(last.length - 1);

    assertThatExceptionOfType(EOFException.class)
        .isThrownBy(() -> read(Arrays.copyOf(zipped, zipped.length - missing), sent.cuts()));
  }

  @Property
  void what_follows_the_last_member_is_refused(
      @ForAll("sent") Sent sent, @ForAll byte first, @ForAll @IntRange(max = 40) int more) {
    byte[] trailing = new byte[1 + more];
    trailing[0] = first;

    assertThat(readIfValid(joined(List.of(sent.zipped(), trailing)), sent.cuts())).isEmpty();
  }

  @Test
  void a_header_may_have_every_optional_part_and_its_checksum_is_held_against_it()
      throws IOException {
    byte[] zipped = member(bytes(PLAIN), (byte) 0x1F, 6);
    assertThat(read(zipped, 1)).isEqualTo(bytes(PLAIN));

    // The first byte of the time.
    zipped[4]++;

    assertThatExceptionOfType(ZipException.class).isThrownBy(() -> read(zipped, 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x20, 0x40, 0x80})
  void a_reserved_flag_is_refused(int flag) {
    byte[] zipped = member(bytes(PLAIN), (byte) 0, 6);
    zipped[3] = (byte) flag;

    assertThatExceptionOfType(ZipException.class).isThrownBy(() -> read(zipped, 1));
  }

  @Test
  void nothing_is_no_gzip() {
    assertThatExceptionOfType(EOFException.class).isThrownBy(() -> read(new byte[0], 1));
  }

  @Test
  void once_broken_it_stays_broken() throws IOException {
    byte[] zipped = joined(List.of(member(bytes(PLAIN), (byte) 0, 6), bytes("garbage")));
    InputStream plain = new Gunzip(new ByteArrayInputStream(zipped), RATIO);
    assertThat(plain.readNBytes(PLAIN.length())).isEqualTo(bytes(PLAIN));

    assertThatExceptionOfType(ZipException.class).isThrownBy(plain::read);
    assertThatExceptionOfType(ZipException.class).isThrownBy(plain::read);
  }

  @Test
  void it_stays_at_its_end() throws IOException {
    InputStream plain =
        new Gunzip(new ByteArrayInputStream(member(bytes(PLAIN), (byte) 0, 6)), RATIO);
    plain.readAllBytes();

    assertThat(plain.read()).isNegative();
    assertThat(plain.read(new byte[8])).isNegative();
  }

  @Test
  void what_grows_out_of_proportion_is_413_in_one_member_and_in_many() {
    byte[] bomb = member(new byte[1_000_000], (byte) 0, 9);
    List<byte[]> bombs = new ArrayList<>(Collections.nCopies(100, bomb));
    for (byte[] zipped : List.of(bomb, joined(bombs))) {
      InputStream plain = new Gunzip(new ByteArrayInputStream(zipped), RATIO);
      assertThatThrownBy(plain::readAllBytes)
          .isInstanceOfSatisfying(
              ApiException.class,
              e -> assertThat(e.body().code()).isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE));
    }
  }

  @Test
  void any_number_of_empty_members_are_nothing() throws IOException {
    byte[] empty = member(new byte[0], (byte) 0, 6);
    List<byte[]> members = new ArrayList<>(Collections.nCopies(100_000, empty));
    members.add(member(bytes(PLAIN), (byte) 0, 6));

    assertThat(read(joined(members), 1)).isEqualTo(bytes(PLAIN));
  }

  @Test
  void a_name_in_a_header_takes_no_memory_however_long_it_is() throws IOException {
    byte[] start = {0x1F, (byte) 0x8B, 8, 0x08, 0, 0, 0, 0, 0, 0};
    byte[] member = member(bytes(PLAIN), (byte) 0, 6);
    byte[] rest = joined(List.of(new byte[1], Arrays.copyOfRange(member, 10, member.length)));
    InputStream zipped =
        new SequenceInputStream(
            Collections.enumeration(
                List.of(
                    new ByteArrayInputStream(start),
                    new Repeated((byte) 'n', 32_000_000L),
                    new ByteArrayInputStream(rest))));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();

    byte[] plain = new Gunzip(zipped, RATIO).readAllBytes();

    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isBetween(1L, 1_000_000L);
    assertThat(plain).isEqualTo(bytes(PLAIN));
  }

  /** A byte, again and again. */
  private static final class Repeated extends InputStream {
    private final byte value;
    private long left;

    Repeated(byte value, long count) {
      this.value = value;
      this.left = count;
    }

    @Override
    public int read() {
      return left-- > 0 ? value : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (left <= 0) {
        return -1;
      }
      int count = (int) Math.min(left, length);
      Arrays.fill(target, offset, offset + count, value);
      left -= count;
      return count;
    }
  }

  /** Comes in pieces; between them it may say that nothing is there, and may give nothing. */
  private static final class Network extends InputStream {
    private final ByteArrayInputStream sent;
    private final Random random;

    Network(byte[] sent, Random random) {
      this.sent = new ByteArrayInputStream(sent);
      this.random = random;
    }

    @Override
    public int read() {
      return sent.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (random.nextInt(8) == 0) {
        return 0;
      }
      int most = random.nextBoolean() ? 16 : length;
      return sent.read(target, offset, 1 + random.nextInt(Math.min(most, length)));
    }

    @Override
    public int available() {
      return random.nextBoolean() ? 0 : sent.available();
    }
  }

  private static Optional<byte[]> readIfValid(byte[] zipped, long cuts) {
    try {
      return Optional.of(read(zipped, cuts));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static byte[] read(byte[] zipped, long cuts) throws IOException {
    Random random = new Random(cuts);
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    try (InputStream in = new Gunzip(new Network(zipped, random), Integer.MAX_VALUE)) {
      byte[] buffer = new byte[1 + random.nextInt(10_000)];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        plain.write(buffer, 0, read);
      }
    }
    return plain.toByteArray();
  }

  private static byte[] noise(int length) {
    byte[] noise = new byte[length];
    new Random(length).nextBytes(noise);
    return noise;
  }

  /** A member of a header with the parts that the flags ask for. */
  private static byte[] member(byte[] plain, byte flags, int level) {
    ByteArrayOutputStream member = new ByteArrayOutputStream();
    member.writeBytes(new byte[] {0x1F, (byte) 0x8B, 8, flags, 1, 2, 3, 4, 0, 3});
    if ((flags & 4) != 0) {
      member.writeBytes(new byte[] {3, 0, 'a', 0, 'b'});
    }
    if ((flags & 8) != 0) {
      member.writeBytes(bytes("name\0"));
    }
    if ((flags & 16) != 0) {
      member.writeBytes(bytes("comment\0"));
    }
    if ((flags & 2) != 0) {
      CRC32 checksum = new CRC32();
      checksum.update(member.toByteArray());
      member.writeBytes(littleEndian(checksum.getValue(), 2));
    }
    Deflater deflater = new Deflater(level, true);
    deflater.setInput(plain);
    deflater.finish();
    byte[] buffer = new byte[8192];
    while (!deflater.finished()) {
      member.write(buffer, 0, deflater.deflate(buffer));
    }
    deflater.end();
    CRC32 checksum = new CRC32();
    checksum.update(plain);
    member.writeBytes(littleEndian(checksum.getValue(), 4));
    member.writeBytes(littleEndian(plain.length, 4));
    return member.toByteArray();
  }

  private static byte[] littleEndian(long value, int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (value >> (8 * i));
    }
    return bytes;
  }

  private static byte[] joined(List<byte[]> parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    parts.forEach(all::writeBytes);
    return all.toByteArray();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void what_the_jdk_writes_is_read() throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    for (int i = 0; i < 3; i++) {
      GZIPOutputStream out = new GZIPOutputStream(zipped);
      out.write(bytes(PLAIN));
      out.finish();
    }

    assertThat(read(zipped.toByteArray(), 1)).isEqualTo(bytes(PLAIN.repeat(3)));
  }
}
