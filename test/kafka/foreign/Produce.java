import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka's own client: `java -cp 'lib/*' Produce.java <brokers> <topic> <count> <codec>...` writes `count` records with each codec. */
public class Produce {
  public static void main(String[] args) throws Exception {
    int count = Integer.parseInt(args[2]);
    for (int each = 3; each < args.length; each += 1) {
      Properties settings = new Properties();
      settings.put("bootstrap.servers", args[0]);
      settings.put("compression.type", args[each]);
      settings.put("linger.ms", "20");
      settings.put("batch.size", "65536");
      settings.put("key.serializer", StringSerializer.class.getName());
      settings.put("value.serializer", StringSerializer.class.getName());
      try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
        Future<?> last = null;
        for (int n = 0; n < count; n += 1) {
          // Every hundredth is a tombstone.
          String value = n % 100 == 99 ? null : "{\"token\":\"java-" + args[each] + "-" + n + "\",\"noise\":\"" + "ab".repeat(n % 50) + "\"}";
          last = producer.send(new ProducerRecord<>(args[1], 0, "k" + n, value));
        }
        producer.flush();
        if (last != null) last.get();
      }
    }
  }
}
