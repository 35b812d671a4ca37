import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.curator.x.discovery.ServiceType;

/**
 * A Curator user as there are many: registers, updates and unregisters services as it is told by lines on its standard
 * input, and answers each with one line of JSON. The end of the input closes the discovery, as a clean stop would.
 *
 * <pre>
 * register SERVICE ID HOST PORT [TYPE]     update SERVICE ID HOST PORT     unregister SERVICE ID
 * list SERVICE                             names                           ping
 * </pre>
 */
public final class Registrar {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ServiceDiscovery<Map<String, Object>> discovery;
  private final Map<String, ServiceInstance<Map<String, Object>>> registered = new HashMap<>();

  private Registrar(ServiceDiscovery<Map<String, Object>> discovery) {
    this.discovery = discovery;
  }

  /** Arguments: connect string, base path, session timeout in ms. */
  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    CuratorFramework client =
        CuratorFrameworkFactory.builder()
            .connectString(arguments[0])
            .sessionTimeoutMs(Integer.parseInt(arguments[2]))
            .connectionTimeoutMs(5_000)
            .retryPolicy(new RetryNTimes(5, 200))
            .build();
    startAndHearOfIt(client);
    ServiceDiscovery<Map<String, Object>> discovery = discoveryOf(client, arguments[1]);
    discovery.start();
    out.println(JSON.writeValueAsString(Map.of("ok", true, "ready", true)));
    try {
      new Registrar(discovery).serve(out);
    } finally {
      discovery.close();
      client.close();
    }
  }

  /**
   * A discovery that hears of the connection only after the first registration makes that one again, by deletion and
   * creation: whoever ended the process in between would leave nothing behind.
   */
  private static void startAndHearOfIt(CuratorFramework client) throws InterruptedException {
    CountDownLatch told = new CountDownLatch(1);
    client.getConnectionStateListenable().addListener((source, state) -> told.countDown());
    client.start();
    if (!told.await(20, TimeUnit.SECONDS)) throw new IllegalStateException("no connection in 20 s");
  }

  @SuppressWarnings("unchecked")
  private static ServiceDiscovery<Map<String, Object>> discoveryOf(CuratorFramework client, String basePath) {
    Class<Map<String, Object>> payload = (Class<Map<String, Object>>) (Class<?>) Map.class;
    return ServiceDiscoveryBuilder.builder(payload).client(client).basePath(basePath).build();
  }

  private void serve(PrintStream out) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Map<String, Object> answer = new LinkedHashMap<>();
      try {
        answer.put("ok", true);
        answer.putAll(obey(line.trim().split("\\s+")));
      } catch (Exception error) {
        answer.put("ok", false);
        answer.put("error", error.toString());
      }
      out.println(JSON.writeValueAsString(answer));
    }
  }

  private Map<String, Object> obey(String[] words) throws Exception {
    switch (words[0]) {
      case "register":
        return register(instanceOf(words, words.length > 5 ? ServiceType.valueOf(words[5]) : ServiceType.DYNAMIC));
      case "update":
        return update(instanceOf(words, registered.get(keyOf(words)).getServiceType()));
      case "unregister":
        discovery.unregisterService(registered.remove(keyOf(words)));
        return Map.of();
      case "list":
        return Map.of("instances", list(words[1]));
      case "names":
        return Map.of("names", List.copyOf(discovery.queryForNames()));
      case "ping":
        return Map.of();
      default:
        throw new IllegalArgumentException("no such command: " + words[0]);
    }
  }

  private Map<String, Object> register(ServiceInstance<Map<String, Object>> instance) throws Exception {
    discovery.registerService(instance);
    registered.put(instance.getName() + "/" + instance.getId(), instance);
    return Map.of("id", instance.getId());
  }

  private Map<String, Object> update(ServiceInstance<Map<String, Object>> instance) throws Exception {
    discovery.updateService(instance);
    registered.put(instance.getName() + "/" + instance.getId(), instance);
    return Map.of("id", instance.getId());
  }

  private List<Map<String, Object>> list(String service) throws Exception {
    List<Map<String, Object>> found = new ArrayList<>();
    for (ServiceInstance<Map<String, Object>> instance : discovery.queryForInstances(service)) {
      Map<String, Object> shown = new LinkedHashMap<>();
      shown.put("id", instance.getId());
      shown.put("address", instance.getAddress());
      shown.put("port", instance.getPort());
      shown.put("sslPort", instance.getSslPort());
      shown.put("payload", instance.getPayload());
      found.add(shown);
    }
    return found;
  }

  private static ServiceInstance<Map<String, Object>> instanceOf(String[] words, ServiceType type) throws Exception {
    return ServiceInstance.<Map<String, Object>>builder()
        .name(words[1])
        .id(words[2])
        .address(words[3])
        .port(Integer.parseInt(words[4]))
        .serviceType(type)
        .build();
  }

  private static String keyOf(String[] words) {
    return words[1] + "/" + words[2];
  }
}
