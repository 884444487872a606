import io.usageapi.client.model.ErrorBody;
import io.usageapi.client.model.IntakeResult;
import io.usageapi.client.model.UsageAggregate;
import io.usageapi.client.model.UsagePage;
import io.usageapi.client.model.UsageRecord;
import io.usageapi.client.model.UsageRecords;
import io.usageapi.client.model.UsageType;
import io.usageapi.client.model.UsageUnit;
import java.math.BigDecimal;
import java.net.URI;
import java.time.OffsetDateTime;
import java.util.List;

/** A walk with the Java clients, as docs/clients.md describes it. Each has its calls in a Client. */
public final class Walk {
  /** The calls of a generated client. */
  interface Calls {
    UsagePage page(String filter, String cursor) throws Failure;

    IntakeResult send(UsageRecords records) throws Failure;
  }

  /** An error of the server, as the client decodes it. */
  static final class Failure extends Exception {
    private static final long serialVersionUID = 1;
    final int status;
    final transient ErrorBody error;

    Failure(int status, ErrorBody error) {
      this.status = status;
      this.error = error;
    }
  }

  private static String cursor(UsagePage page) {
    return page.getNext() == null
        ? null
        : URI.create(page.getNext().getHref()).getQuery().replaceFirst(".*cursor=([^&]*).*", "$1");
  }

  private static void walk(String name, Calls calls) throws Failure {
    int count = 0;
    BigDecimal sum = BigDecimal.ZERO;
    String cursor = null;
    do {
      UsagePage page = calls.page(null, cursor);
      for (UsageAggregate each : page.getEmbedded().getUsage()) {
        count++;
        sum = sum.add(each.getTotalAmount());
      }
      cursor = cursor(page);
    } while (cursor != null);
    System.out.println(name + " " + count + " " + sum.toPlainString());
  }

  private static void failure(String name, Calls calls, String filter) {
    try {
      calls.page(filter, null);
    } catch (Failure e) {
      System.out.println(name + " " + e.status + " " + e.error.getCode() + " " + e.error.getFields().size());
    }
  }

  private static UsageRecord record(String id, String account, String units, String amount) {
    return new UsageRecord()
        .id(System.getenv("RUN") + "-" + id)
        .accountId(account)
        .productId(System.getenv("RUN"))
        .occurredAt(OffsetDateTime.parse("2026-08-31T22:30:00Z"))
        .type(UsageType.CALL)
        .currency("EUR")
        .unit(UsageUnit.MINUTES)
        .numberOfUnits(new BigDecimal(units))
        .totalAmount(new BigDecimal(amount));
  }

  public static void main(String[] none) throws Exception {
    Calls reader = new Client(System.getenv("API"), System.getenv("READER"));
    Calls writer = new Client(System.getenv("API"), System.getenv("WRITER"));
    Calls tomorrow = new Client(System.getenv("STRANGER"), System.getenv("READER"));
    walk("walk", reader);
    IntakeResult sent =
        writer.send(
            new UsageRecords()
                .records(
                    List.of(
                        record("good", "customer-001", "16777217", "1234567890123456.789"),
                        record("bad", "nobody", "1", "1"))));
    System.out.println(
        "sent " + sent.getAccepted() + " " + sent.getRejected() + " " + sent.getErrors().get(0).getCode());
    UsageAggregate read =
        reader.page("product_id eq '" + System.getenv("PROBE") + "'", null).getEmbedded().getUsage().get(0);
    System.out.println(
        "read " + read.getNumberOfUnits().toPlainString() + " " + read.getTotalAmount().toPlainString());
    failure("400", reader, "nonsense");
    failure("403", reader, "account_id eq 'nobody'");
    walk("tomorrow", tomorrow);
    failure("tomorrow400", tomorrow, "nonsense");
    System.exit(0); // Some clients leave threads behind.
  }
}
