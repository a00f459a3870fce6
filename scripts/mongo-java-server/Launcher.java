import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.net.InetSocketAddress;
import java.util.List;

/** An in-memory MongoDB on a free loopback port. Prints the connection string and ends when its standard input does. */
public class Launcher {
  public static void main(String[] arguments) throws Exception {
    // The backend calls itself wire version 8; the Node.js driver 7 asks for 9 and finds all it needs.
    MongoVersion version = new MongoVersion() {
      @Override
      public List<Integer> getVersionArray() {
        return List.of(5, 0, 0);
      }

      @Override
      public int getWireVersion() {
        return 13;
      }
    };
    MongoServer server = new MongoServer(new MemoryBackend().version(version));
    // A reply holds the stored documents themselves and is encoded outside the collection's lock: with a second worker thread, a
    // reader would get a document that is half before a replacement and half after it. One thread does one command at a time.
    server.bind(new InetSocketAddress("127.0.0.1", 0), 1, 1);
    System.out.println(server.getConnectionString());
    while (System.in.read() >= 0) {
    }
    server.shutdownNow();
  }
}
