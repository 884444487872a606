package io.usageapi.database.connection;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.ssl.BaseX509KeyManager;
import org.postgresql.util.PSQLException;

/**
 * A file of certificates or of a key, read as both clients of the database will read it: what one
 * of them cannot use is refused.
 *
 * @param text what is in it, a character for each byte
 */
public record PemFile(Path path, String text) {
  /** Those both clients can use. */
  private static final List<String> ALGORITHMS = List.of("RSA", "EC");

  private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----");
  private static final String KEY = "PRIVATE KEY";
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final Pattern BASE64 =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]*)-----END PRIVATE KEY-----");
  private static final String HOW = ": openssl pkcs8 -topk8 -nocrypt -in … makes it so";

  /** A file that cannot be used; the message says why, without its name. */
  public static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableException(String message) {
      super(message);
    }

    UnusableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public static PemFile read(Path path) throws UnusableException {
    try {
      return new PemFile(path, Files.readString(path, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      throw new UnusableException("is not there", e);
    } catch (IOException e) {
      throw new UnusableException("cannot be read (" + e + ")", e);
    }
  }

  /**
   * The certificates in it, at least one.
   *
   * @throws UnusableException when there is none, or one is broken
   */
  List<X509Certificate> certificates() throws UnusableException {
    if (!kind(CERTIFICATE).equals(CERTIFICATE)) {
      throw new UnusableException("holds no certificate, PEM");
    }
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(content()))
          .stream()
          .map(X509Certificate.class::cast)
          .toList();
    } catch (CertificateException e) {
      throw new UnusableException("holds a broken certificate", e);
    }
  }

  /**
   * The key in it.
   *
   * @throws UnusableException when there is none, or others may read it, or it is encrypted or of a
   *     form or kind that is not known
   */
  public PrivateKey privateKey() throws UnusableException {
    String kind = kind(KEY);
    if (kind.startsWith("ENCRYPTED") || text.contains("Proc-Type: 4,ENCRYPTED")) {
      throw new UnusableException("holds a key that is encrypted; it is to be plain" + HOW);
    }
    if (kind.isEmpty()) {
      throw new UnusableException("holds no key, PEM");
    }
    if (!kind.equals(KEY)) {
      throw new UnusableException("holds an " + kind + ", not one by PKCS #8" + HOW);
    }
    String name = path.toString();
    if (name.endsWith(".p12") || name.endsWith(".pfx") || name.endsWith(".der")) {
      throw new UnusableException("is PEM, but its name says another form: call it .pem or .key");
    }
    try {
      // The driver of the migrations refuses it otherwise, and only when it connects.
      BaseX509KeyManager.validateKeyFilePermissions(path);
    } catch (PSQLException e) {
      throw new UnusableException("may be read by others: " + e.getMessage(), e);
    }
    return decode();
  }

  private PrivateKey decode() throws UnusableException {
    Matcher base64 = BASE64.matcher(text);
    if (!base64.find()) {
      throw new UnusableException("holds a broken key");
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(base64.group(1));
      for (String algorithm : ALGORITHMS) {
        try {
          return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (InvalidKeySpecException e) {
          // Perhaps it is of the next.
        }
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new UnusableException("holds a broken key", e);
    }
    throw new UnusableException("holds a key that is broken, or neither RSA nor EC");
  }

  /** Whether a key is that of a certificate: what the one signs, the other verifies. */
  static boolean isKeyOf(PrivateKey key, PublicKey certified) {
    if (!key.getAlgorithm().equals(certified.getAlgorithm())) {
      return false;
    }
    try {
      Signature signature =
          Signature.getInstance(
              key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
      byte[] any = "usage-api".getBytes(StandardCharsets.US_ASCII);
      signature.initSign(key);
      signature.update(any);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(any);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** What its first part that is of a kind calls itself; empty where there is none. */
  private String kind(String kind) {
    Matcher begin = BEGIN.matcher(text);
    while (begin.find()) {
      if (begin.group(1).endsWith(kind)) {
        return begin.group(1);
      }
    }
    return "";
  }

  /** Its bytes, as they are in the file. */
  byte[] content() {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
