import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Sends the records of a topic, a JSON object each. It commits its place in the topic after the
 * server has answered. Killed in between, it sends the last batch again, and the server counts each
 * record once: at least once on the way, exactly once in the sums.
 *
 * <pre>java -cp 'out:kafka-clients.jar:...' KafkaPipeline localhost:19092 usage http://localhost:8080 pipeline:demo</pre>
 */
public final class KafkaPipeline {
  private KafkaPipeline() {}

  public static void main(String[] args) throws Exception {
    Pipeline pipeline = new Pipeline(args[2], args[3], Path.of("rejected.ndjson"));
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", args[0],
            "group.id", "usage-api",
            "auto.offset.reset", "earliest",
            "enable.auto.commit", false,
            "max.poll.records", 1_000,
            // How soon another consumer takes over from one that was killed.
            "session.timeout.ms", 10_000,
            // Longer than the longest outage that a batch is to wait for.
            "max.poll.interval.ms", 3_600_000);
    try (KafkaConsumer<String, String> topic =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      topic.subscribe(List.of(args[1]));
      while (true) {
        ConsumerRecords<String, String> polled = topic.poll(Duration.ofSeconds(1));
        if (!polled.isEmpty()) {
          List<String> records = new ArrayList<>();
          for (ConsumerRecord<String, String> record : polled) {
            records.add(record.value());
          }
          pipeline.send(records);
          topic.commitSync();
          System.out.println(pipeline);
        }
      }
    }
  }
}
