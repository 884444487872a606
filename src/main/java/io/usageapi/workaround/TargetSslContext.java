package io.usageapi.workaround;

import com.oracle.svm.core.annotate.Alias;
import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.CipherSuiteFilter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextOption;
import io.netty.handler.ssl.SslProvider;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;

/**
 * Makes a native executable use the TLS of the JDK. The platform replaces Netty's choice between
 * that and OpenSSL, but not in the overload with {@code startTls}, which Netty's builder calls
 * since 4.1.136: the classes of OpenSSL would be linked, and are not there. See <a
 * href="https://github.com/quarkusio/quarkus/issues/55623">quarkus#55623</a>, fixed in 3.33.3.1;
 * {@code NativeLinksTest} fails when the platform has the fix, and this class can go.
 */
@TargetClass(className = "io.netty.handler.ssl.SslContext")
final class TargetSslContext {
  /** The JDK's side of STARTTLS is the handler's, which the builder tells itself. */
  @Substitute
  static SslContext newClientContextInternal(
      SslProvider provider,
      Provider sslContextProvider,
      X509Certificate[] trustCert,
      TrustManagerFactory trustManagerFactory,
      X509Certificate[] keyCertChain,
      PrivateKey key,
      String keyPassword,
      KeyManagerFactory keyManagerFactory,
      Iterable<String> ciphers,
      CipherSuiteFilter cipherFilter,
      ApplicationProtocolConfig apn,
      String[] protocols,
      long sessionCacheSize,
      long sessionTimeout,
      boolean startTls,
      boolean enableOcsp,
      SecureRandom secureRandom,
      String keyStoreType,
      String endpointIdentificationAlgorithm,
      Map.Entry<SslContextOption<?>, Object>[] options)
      throws SSLException {
    if (enableOcsp) {
      throw new IllegalArgumentException(
          "OCSP is not supported with this SslProvider: " + provider);
    }
    return (SslContext)
        (Object)
            new TargetJdkSslClientContext(
                sslContextProvider,
                trustCert,
                trustManagerFactory,
                keyCertChain,
                key,
                keyPassword,
                keyManagerFactory,
                ciphers,
                cipherFilter,
                apn,
                protocols,
                sessionCacheSize,
                sessionTimeout,
                secureRandom,
                keyStoreType,
                endpointIdentificationAlgorithm,
                new TargetResumptionController());
  }

  /** The context of the JDK's own TLS, by the constructor that only Netty can call. */
  @TargetClass(className = "io.netty.handler.ssl.JdkSslClientContext")
  static final class TargetJdkSslClientContext {
    @Alias
    TargetJdkSslClientContext(
        Provider sslContextProvider,
        X509Certificate[] trustCert,
        TrustManagerFactory trustManagerFactory,
        X509Certificate[] keyCertChain,
        PrivateKey key,
        String keyPassword,
        KeyManagerFactory keyManagerFactory,
        Iterable<String> ciphers,
        CipherSuiteFilter cipherFilter,
        ApplicationProtocolConfig apn,
        String[] protocols,
        long sessionCacheSize,
        long sessionTimeout,
        SecureRandom secureRandom,
        String keyStoreType,
        String endpointIdentificationAlgorithm,
        TargetResumptionController resumptionController)
        throws SSLException {}
  }

  @TargetClass(className = "io.netty.handler.ssl.ResumptionController")
  static final class TargetResumptionController {
    @Alias
    TargetResumptionController() {}
  }
}
