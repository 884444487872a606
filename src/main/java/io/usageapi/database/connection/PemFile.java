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
 * A PEM file of certificates or a key, checked so that both database clients can use it.
 *
 * @param text its content, one character per byte
 */
public record PemFile(Path path, String text) {
  /** The algorithms both clients support. */
  private static final List<String> ALGORITHMS = List.of("RSA", "EC");

  private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----");
  private static final String KEY = "PRIVATE KEY";
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final Pattern BASE64 =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]*)-----END PRIVATE KEY-----");
  private static final String HOW = ": openssl pkcs8 -topk8 -nocrypt -in … makes it so";

  /** The file cannot be used; the message says why, without the file name. */
  public static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableException(String message) {
      super(message);
    }

    UnusableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Reads a file.
   *
   * @throws UnusableException if it cannot be read
   */
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
   * The certificates, at least one.
   *
   * @throws UnusableException if there is none, or one is broken
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
   * The key.
   *
   * @throws UnusableException if there is none, others may read it, it is encrypted, or its format
   *     or algorithm is not supported
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
      // The JDBC driver would refuse it too, but only when it connects.
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
          // Try the next algorithm.
        }
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new UnusableException("holds a broken key", e);
    }
    throw new UnusableException("holds a key that is broken, or neither RSA nor EC");
  }

  /** Whether a key belongs to a certificate: the certificate verifies what the key signs. */
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

  /** The label of the first PEM section of a kind; empty if there is none. */
  private String kind(String kind) {
    Matcher begin = BEGIN.matcher(text);
    while (begin.find()) {
      if (begin.group(1).endsWith(kind)) {
        return begin.group(1);
      }
    }
    return "";
  }

  /** The bytes of the file. */
  byte[] content() {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
