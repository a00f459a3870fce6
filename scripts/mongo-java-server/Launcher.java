import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryCollection;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.backend.memory.index.MemoryUniqueIndex;
import de.bwaldvogel.mongo.bson.Document;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Two in-memory MongoDBs on free loopback ports: a standalone server, and a replica set of one member. Prints their connection
 * strings, each on a line of its own, and ends when its standard input does.
 */
public class Launcher {
  /** The backend calls itself wire version 8; the Node.js driver 7 asks for 9 and finds all it needs. */
  static final MongoVersion VERSION = new MongoVersion() {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(5, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return 13;
    }
  };

  public static void main(String[] arguments) throws Exception {
    MongoServer standalone = started(new IndexedBackend());
    ReplicaSet member = new ReplicaSet();
    MongoServer replicaSet = started(member);
    member.address = "127.0.0.1:" + replicaSet.getLocalAddress().getPort();
    System.out.println(standalone.getConnectionString());
    System.out.println(replicaSet.getConnectionString());
    while (System.in.read() >= 0) {
    }
    standalone.shutdownNow();
    replicaSet.shutdownNow();
  }

  private static MongoServer started(MemoryBackend backend) {
    MongoServer server = new MongoServer(backend.version(VERSION));
    // A reply holds the stored documents themselves and is encoded outside the collection's lock: with a second worker thread, a
    // reader would get a document that is half before a replacement and half after it. One thread does one command at a time.
    server.bind(new InetSocketAddress("127.0.0.1", 0), 1, 1);
    return server;
  }

  /** With databases that find by a unique index what is asked for by its keys and more, as MongoDB does. */
  static class IndexedBackend extends MemoryBackend {
    @Override
    public MemoryDatabase openOrCreateDatabase(String name) {
      return new MemoryDatabase(name, getCursorRegistry()) {
        @Override
        protected Index<Integer> openOrCreateUniqueIndex(String collection, String index, List<IndexKey> keys, boolean sparse) {
          return new NarrowingIndex(index, keys, sparse);
        }

        @Override
        protected MemoryCollection openOrCreateCollection(String collection, CollectionOptions options) {
          return new FiledCollection(this, collection, options, cursorRegistry);
        }
      };
    }
  }

  /**
   * The backend has unique indexes only. Nearly all that Trunkline asks for is of one session, as its indexes say: a collection that
   * is filed by it reads what is of that session, and holds it against the whole question.
   */
  static class FiledCollection extends MemoryCollection {
    private static final String FIELD = "sessionId";

    private final Map<String, TreeSet<Integer>> files = new HashMap<>();

    FiledCollection(MongoDatabase database, String name, CollectionOptions options, CursorRegistry cursors) {
      super(database, name, options, cursors);
    }

    @Override
    protected Integer addDocumentInternal(Document document) {
      Integer position = super.addDocumentInternal(document);
      file(document, position);
      return position;
    }

    @Override
    protected void removeDocument(Integer position) {
      unfile(getDocument(position), position);
      super.removeDocument(position);
    }

    @Override
    protected void handleUpdate(Integer position, Document before, Document after) {
      super.handleUpdate(position, before, after);
      if (Objects.equals(before.get(FIELD), after.get(FIELD))) return;
      unfile(before, position);
      file(after, position);
    }

    @Override
    protected QueryResult matchDocuments(
        Document query, Document orderBy, int skip, int limit, int batchSize, Document fields) {
      boolean isOfOne = query.get(FIELD) instanceof String && (orderBy == null || !orderBy.containsKey("$natural"));
      if (!isOfOne) return super.matchDocuments(query, orderBy, skip, limit, batchSize, fields);
      Set<Integer> positions = files.getOrDefault(query.get(FIELD), new TreeSet<>());
      return matchDocuments(query, List.copyOf(positions), orderBy, skip, limit, batchSize, fields);
    }

    private void file(Document document, Integer position) {
      if (document.get(FIELD) instanceof String id) files.computeIfAbsent(id, __ -> new TreeSet<>()).add(position);
    }

    private void unfile(Document document, Integer position) {
      Set<Integer> file = document.get(FIELD) instanceof String id ? files.get(id) : null;
      if (file == null) return;
      file.remove(position);
      if (file.isEmpty()) files.remove(document.get(FIELD));
    }
  }

  /**
   * The index of the backend serves questions for exactly its keys, and a question for an `_id` and an epoch reads the whole
   * collection: an account of eight hundred keys, each written so, cost minutes where there were ninety of them. What the index
   * finds is held against the whole question afterwards.
   */
  static class NarrowingIndex extends MemoryUniqueIndex {
    NarrowingIndex(String name, List<IndexKey> keys, boolean sparse) {
      super(name, keys, sparse);
    }

    @Override
    public synchronized boolean canHandle(Document query) {
      return keys().stream().allMatch(key -> query.get(key) instanceof String) || super.canHandle(query);
    }
  }

  /**
   * A replica set of one member, with what a transaction is made of: it is refused where its commands are not those of one, ends
   * by a write that fails, conflicts with another that has changed the same document, and leaves nothing behind when it is
   * aborted. A write is done once however often it is sent again, and a write concern that asks for more members is refused.
   * Unlike the transactions of MongoDB, others read what it has not committed yet, who writes the same without a transaction
   * aborts it rather than waits for its end (it hears so with its next command and is tried again), and the loss of its
   * connection aborts it at once rather than after a minute.
   */
  static class ReplicaSet extends IndexedBackend {
    private static final Set<String> WRITES = Set.of("insert", "update", "delete", "findandmodify");
    private static final Set<String> ALLOWED = Set.of("find", "getmore", "aggregate", "distinct", "killcursors");

    private String address;
    private final Map<Object, Transaction> open = new HashMap<>();
    /** The last numbered write of each session and what was answered. */
    private final Map<Object, Written> written = new HashMap<>();

    record Change(MongoCollection<?> collection, Document before) {}

    record Place(String collection, Object id) {}

    record Written(Object number, Document response) {}

    static class Transaction {
      final Object number;
      final Channel channel;
      final Map<Place, Change> changes = new HashMap<>();

      Transaction(Object number, Channel channel) {
        this.number = number;
        this.channel = channel;
      }
    }

    @Override
    public void handleClose(Channel channel) {
      super.handleClose(channel);
      open.values().removeIf(transaction -> {
        if (transaction.channel != channel) return false;
        rollBack(transaction);
        return true;
      });
    }

    @Override
    public Document handleCommand(Channel channel, String database, String command, Document query) {
      String name = command.toLowerCase();
      if (name.equals("ismaster") || name.equals("hello")) {
        return super.handleCommand(channel, database, "ismaster", query)
            .append("setName", "test").append("setVersion", 1).append("isWritablePrimary", true).append("secondary", false)
            .append("hosts", List.of(address)).append("me", address).append("primary", address)
            .append("logicalSessionTimeoutMinutes", 30);
      }
      Object session = query.get("lsid") instanceof Document lsid ? lsid.get("id") : null;
      if (!Boolean.FALSE.equals(query.get("autocommit"))) {
        return WRITES.contains(name)
            ? concerned(query, writeOnce(channel, database, command, query, session))
            : super.handleCommand(channel, database, command, query);
      }
      Object number = query.get("txnNumber");
      if (Boolean.TRUE.equals(query.get("startTransaction"))) {
        if (open.containsKey(session)) rollBack(open.remove(session));
        open.put(session, new Transaction(number, channel));
      } else if (query.containsKey("readConcern")) {
        return failure(72, "InvalidOptions", "only the first command of a transaction has a readConcern");
      }
      Transaction transaction = open.get(session);
      if (transaction == null || !transaction.number.equals(number)) {
        return failure(251, "NoSuchTransaction", "there is no such transaction", "TransientTransactionError");
      }
      if (name.equals("committransaction") || name.equals("aborttransaction")) {
        open.remove(session);
        if (name.equals("aborttransaction")) rollBack(transaction);
        return new Document("ok", 1.0);
      }
      if (query.containsKey("writeConcern")) {
        return failure(72, "InvalidOptions", "a writeConcern is for the commit of a transaction");
      }
      if (!WRITES.contains(name)) {
        return ALLOWED.contains(name)
            ? super.handleCommand(channel, database, command, query)
            : failure(263, "OperationNotSupportedInTransaction", command + " is not for transactions");
      }
      Document response = write(channel, database, command, query, transaction);
      if (response.containsKey("writeErrors") || !Double.valueOf(1).equals(response.get("ok"))) {
        open.remove(session);
        rollBack(transaction);
      }
      return response;
    }

    /** A write that comes again under its number, after its answer was lost, is not done again. */
    private Document writeOnce(Channel channel, String database, String command, Document query, Object session) {
      Object number = query.get("txnNumber");
      Written earlier = number == null ? null : written.get(session);
      if (earlier != null && earlier.number.equals(number)) return earlier.response;
      Document response = write(channel, database, command, query, null);
      boolean done = Double.valueOf(1).equals(response.get("ok")) || Integer.valueOf(1).equals(response.get("ok"));
      if (number != null && done && !response.containsKey("writeErrors")) written.put(session, new Written(number, response));
      return response;
    }

    /** What was written stays written where more members were to have it than there are. */
    private static Document concerned(Document query, Document response) {
      boolean unsatisfiable = query.get("writeConcern") instanceof Document concern
          && concern.get("w") instanceof Number members && members.intValue() > 1;
      if (!unsatisfiable) return response;
      return response.clone().append("writeConcernError", new Document("code", 100)
          .append("codeName", "UnsatisfiableWriteConcern").append("errmsg", "Not enough data-bearing nodes"));
    }

    /** Carries out a write and notes what it has changed; undoes it where another transaction has changed the same before. */
    private Document write(Channel channel, String database, String command, Document query, Transaction transaction) {
      if (transaction == null && open.isEmpty()) return super.handleCommand(channel, database, command, query);
      String name = (String) query.get(command);
      Map<Object, Document> before = documentsOf(database, name);
      Document response = super.handleCommand(channel, database, command, query);
      Map<Object, Document> after = documentsOf(database, name);
      MongoCollection<?> collection = resolveDatabase(database).resolveCollection(name, false);
      Transaction own = new Transaction(null, channel);
      for (Map<Object, Document> documents : List.of(before, after)) {
        for (Object id : documents.keySet()) {
          Document old = before.get(id);
          if (old == null ? after.get(id) == null : old.equals(after.get(id))) continue;
          own.changes.put(new Place(database + "." + name, id), new Change(collection, old));
        }
      }
      List<Object> conflicting = open.entrySet().stream()
          .filter(other -> other.getValue() != transaction)
          .filter(other -> other.getValue().changes.keySet().stream().anyMatch(own.changes::containsKey))
          .map(Map.Entry::getKey).toList();
      if (!conflicting.isEmpty()) {
        rollBack(own);
        if (transaction != null) {
          return failure(112, "WriteConflict", "another transaction has changed it", "TransientTransactionError");
        }
        for (Object session : conflicting) rollBack(open.remove(session));
        return super.handleCommand(channel, database, command, query);
      }
      if (transaction != null) own.changes.forEach(transaction.changes::putIfAbsent);
      return response;
    }

    private Map<Object, Document> documentsOf(String database, String name) {
      Map<Object, Document> documents = new HashMap<>();
      MongoCollection<?> collection = resolveDatabase(database).resolveCollection(name, false);
      if (collection == null) return documents;
      collection.queryAllAsStream().forEach(each -> documents.put(each.get("_id"), each.cloneDeeply()));
      return documents;
    }

    private static void rollBack(Transaction transaction) {
      transaction.changes.forEach((place, change) -> change.collection.deleteDocuments(new Document("_id", place.id), 1));
      transaction.changes.forEach((place, change) -> {
        if (change.before != null) change.collection.addDocument(change.before);
      });
    }

    private static Document failure(int code, String codeName, String message, String... labels) {
      return new Document("ok", 0.0).append("code", code).append("codeName", codeName).append("errmsg", message)
          .append("errorLabels", List.of(labels));
    }
  }
}
