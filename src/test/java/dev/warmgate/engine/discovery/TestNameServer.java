package dev.warmgate.engine.discovery;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** An authoritative name server over UDP and TCP on loopback, whose zone the test changes. */
final class TestNameServer implements AutoCloseable {
    private static final int LONGEST_UDP = 512;

    private record Question(Name name, int type) {}

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final Map<Question, List<Record>> zone = new ConcurrentHashMap<>();
    private final Map<Question, AtomicInteger> asked = new ConcurrentHashMap<>();
    private final Map<Question, Integer> failures = new ConcurrentHashMap<>();
    final AtomicInteger overTcp = new AtomicInteger();

    TestNameServer() throws IOException {
        var loopback = InetAddress.getLoopbackAddress();
        tcp = new ServerSocket(0, 50, loopback);
        udp = new DatagramSocket(new InetSocketAddress(loopback, tcp.getLocalPort()));
        Thread.ofVirtual().start(this::serveUdp);
        Thread.ofVirtual().start(this::serveTcp);
    }

    InetSocketAddress address() {
        return InetSocketAddress.createUnresolved("127.0.0.1", tcp.getLocalPort());
    }

    /** Sets the records of a name, written as in a zone file; none takes the name away. */
    void set(String name, int type, long ttl, String... data) throws IOException {
        var question = new Question(Name.fromString(name), type);
        failures.remove(question);
        var records = new ArrayList<Record>();
        for (String one : data) {
            records.add(Record.fromString(question.name(), type, DClass.IN, ttl, one, Name.root));
        }
        if (records.isEmpty()) {
            zone.remove(question);
        } else {
            zone.put(question, List.copyOf(records));
        }
    }

    void fail(String name, int type, int rcode) throws IOException {
        failures.put(new Question(Name.fromString(name), type), rcode);
    }

    /** Returns how often a question was asked. */
    int asked(String name, int type) throws IOException {
        var count = asked.get(new Question(Name.fromString(name), type));
        return count == null ? 0 : count.get();
    }

    private Message answer(Message query) {
        var question =
                new Question(query.getQuestion().getName(), query.getQuestion().getType());
        asked.computeIfAbsent(question, _ -> new AtomicInteger()).incrementAndGet();
        var response = new Message(query.getHeader().getID());
        response.getHeader().setFlag(Flags.QR);
        response.getHeader().setFlag(Flags.AA);
        response.addRecord(query.getQuestion(), Section.QUESTION);
        var failure = failures.get(question);
        if (failure != null) {
            response.getHeader().setRcode(failure);
            return response;
        }
        boolean exists = false;
        var name = question.name();
        for (int i = 0; i < 20; i++) {
            var alias = zone.get(new Question(name, Type.CNAME));
            if (alias == null) {
                break;
            }
            exists = true;
            response.addRecord(alias.getFirst(), Section.ANSWER);
            name = ((CNAMERecord) alias.getFirst()).getTarget();
        }
        for (var entry : zone.entrySet()) {
            if (entry.getKey().name().equals(name)) {
                exists = true;
                if (entry.getKey().type() == question.type()) {
                    entry.getValue().forEach(record -> response.addRecord(record, Section.ANSWER));
                }
            }
        }
        if (!exists) {
            response.getHeader().setRcode(Rcode.NXDOMAIN);
        }
        return response;
    }

    private void serveUdp() {
        byte[] buffer = new byte[4096];
        try {
            while (true) {
                var packet = new DatagramPacket(buffer, buffer.length);
                udp.receive(packet);
                byte[] query = Arrays.copyOf(buffer, packet.getLength());
                byte[] answer = answer(new Message(query)).toWire(LONGEST_UDP); // sets TC if it does not fit
                udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        } catch (IOException _) {
            return; // closed
        }
    }

    private void serveTcp() {
        try {
            while (true) {
                try (var socket = tcp.accept()) {
                    overTcp.incrementAndGet();
                    var in = new DataInputStream(socket.getInputStream());
                    byte[] query = in.readNBytes(in.readUnsignedShort());
                    byte[] answer = answer(new Message(query)).toWire(65_535);
                    var out = new DataOutputStream(socket.getOutputStream());
                    out.writeShort(answer.length);
                    out.write(answer);
                    out.flush();
                }
            }
        } catch (IOException _) {
            return; // closed
        }
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
