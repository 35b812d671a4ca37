import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.RetryNTimes;
import org.apache.curator.x.discovery.ServiceCache;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.curator.x.discovery.ServiceProvider;
import org.apache.curator.x.discovery.details.InstanceSerializer;
import org.apache.curator.x.discovery.details.JsonInstanceSerializer;
import org.apache.curator.x.discovery.details.ServiceCacheListener;

/**
 * Three users of Curator's service discovery as there are many: one that asks, one with a cache, one with a provider.
 * Each line on the standard input has all three read, and is answered with one line: what the asking one found, what
 * the cache has, what the provider has, how often each of these has read data so far, how many of all reads failed, and
 * how the first of those did, separated by blanks. The end of the input ends it.
 */
public final class Witness {
  /** A payload of a type of its own, which a reader must be able to make an object of. */
  public static final class Meta {
    public String version;
    public int weight;
  }

  private static final AtomicInteger FAILURES = new AtomicInteger();
  private static final AtomicReference<String> FIRST = new AtomicReference<>("-");

  /** Curator's own, and counts: some versions keep to themselves what they could not read. */
  private static final class Counting implements InstanceSerializer<Meta> {
    private final InstanceSerializer<Meta> inner = new JsonInstanceSerializer<>(Meta.class);
    private final AtomicInteger reads = new AtomicInteger();

    @Override
    public byte[] serialize(ServiceInstance<Meta> instance) throws Exception {
      return inner.serialize(instance);
    }

    @Override
    public ServiceInstance<Meta> deserialize(byte[] bytes) throws Exception {
      reads.incrementAndGet();
      try {
        ServiceInstance<Meta> instance = inner.deserialize(bytes);
        if (instance.getPayload() != null && instance.getPayload().version == null) throw new IllegalStateException("no version");
        if (instance.getUriSpec() != null) instance.buildUriSpec();
        return instance;
      } catch (Exception error) {
        failed(error);
        throw error;
      }
    }
  }

  /** Arguments: connect string, base path, service. */
  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, "UTF-8");
    CuratorFramework client =
        CuratorFrameworkFactory.builder()
            .connectString(arguments[0])
            .sessionTimeoutMs(10_000)
            .connectionTimeoutMs(5_000)
            .retryPolicy(new RetryNTimes(5, 200))
            .build();
    CountDownLatch told = new CountDownLatch(1);
    client.getConnectionStateListenable().addListener((source, state) -> told.countDown());
    client.start();
    if (!told.await(20, TimeUnit.SECONDS)) throw new IllegalStateException("no connection in 20 s");
    String service = arguments[2];
    Counting askingReads = new Counting();
    Counting cacheReads = new Counting();
    Counting providerReads = new Counting();
    ServiceDiscovery<Meta> asking = discovery(client, arguments[1], askingReads);
    ServiceCache<Meta> cache = discovery(client, arguments[1], cacheReads).serviceCacheBuilder().name(service).build();
    cache.addListener(new Listener(cache));
    cache.start();
    ServiceProvider<Meta> provider =
        discovery(client, arguments[1], providerReads).serviceProviderBuilder().serviceName(service).build();
    provider.start();
    out.println("ready");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    while (in.readLine() != null) {
      String asked = shown(ask(asking, service));
      String cached = shown(cache.getInstances());
      provider.getInstance();
      String provided = shown(provider.getAllInstances());
      String reads = askingReads.reads + " " + cacheReads.reads + " " + providerReads.reads;
      out.println(asked + " " + cached + " " + provided + " " + reads + " " + FAILURES + " " + FIRST.get().replace(' ', '_'));
    }
    System.exit(0);
  }

  private static ServiceDiscovery<Meta> discovery(CuratorFramework client, String base, Counting counting) throws Exception {
    ServiceDiscovery<Meta> discovery =
        ServiceDiscoveryBuilder.builder(Meta.class).client(client).basePath(base).serializer(counting).build();
    discovery.start();
    return discovery;
  }

  private static Collection<ServiceInstance<Meta>> ask(ServiceDiscovery<Meta> discovery, String service) {
    try {
      return discovery.queryForInstances(service);
    } catch (Exception error) {
      failed(error);
      return Collections.emptyList();
    }
  }

  private static final class Listener implements ServiceCacheListener {
    private final ServiceCache<Meta> cache;

    Listener(ServiceCache<Meta> cache) {
      this.cache = cache;
    }

    @Override
    public void cacheChanged() {
      shown(cache.getInstances());
    }

    @Override
    public void stateChanged(CuratorFramework client, ConnectionState state) {}
  }

  private static void failed(Exception error) {
    FAILURES.incrementAndGet();
    FIRST.compareAndSet("-", String.valueOf(error).split("\n")[0]);
  }

  /** Ports, in their order; `-` for nobody. */
  private static String shown(Collection<ServiceInstance<Meta>> instances) {
    List<Integer> ports = new ArrayList<>();
    for (ServiceInstance<Meta> instance : instances) ports.add(instance.getPort());
    Collections.sort(ports);
    StringBuilder text = new StringBuilder();
    for (int port : ports) text.append(text.length() == 0 ? "" : ",").append(port);
    return text.length() == 0 ? "-" : text.toString();
  }
}
