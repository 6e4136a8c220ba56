import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** After a restart: what `SettingsSuite` left is still said, and still done. */
public final class SettingsKeptSuite {
    private final Clients clients;

    private SettingsKeptSuite(String bootstrap) {
        clients = new Clients(bootstrap);
    }

    public static void main(String[] arguments) {
        Cases.main(new SettingsKeptSuite(arguments[0]), arguments);
    }

    public void theyAreDescribed() {
        var described = Clients.get(clients.admin.describeConfigs(SettingsSuite.KEPT.keySet()).all());
        SettingsSuite.KEPT.forEach((resource, settings) -> settings.forEach(
            (key, value) -> Cases.same(value, described.get(resource).get(key).value())));
    }

    public void theyAreInForce() {
        ProducerRecord<String, String> small = new ProducerRecord<>(SettingsSuite.KEPT_TOPIC, 0, 5L, "k", "v");
        RecordMetadata sent = clients.produce(List.of(small), Map.of()).get(0);
        Cases.check(sent.timestamp() > 1_000_000, () -> "the producer's time: " + sent.timestamp());
        try {
            clients.produce(SettingsSuite.KEPT_TOPIC, "x".repeat(5000));
            throw new IllegalStateException("a message over max.message.bytes was taken");
        } catch (AssertionError refused) {
            Cases.check(refused.toString().contains("RecordTooLarge"), refused::toString);
        }
    }
}
