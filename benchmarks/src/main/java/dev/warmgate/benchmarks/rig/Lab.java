package dev.warmgate.benchmarks.rig;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** One proxy in front of stub engines, and the event loop that these and the load share. */
final class Lab implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoop loop = (EventLoop) group.next();
    private final StubEngine engines;
    private final Bodies bodies = new Bodies(4096, 256, false);
    private final int port;
    private final int adminPort;
    private final Server server;

    /** Starts a proxy on a core, and waits until it answers. */
    Lab(Arm arm, int engines, String core) throws IOException, InterruptedException {
        this.engines = new StubEngine(group, engines);
        this.port = Arm.freePort();
        this.adminPort = Arm.freePort();
        Path work = Files.createTempDirectory("warmgate-rig");
        this.server = arm.start(this.engines.ports(), port, adminPort, core, work);
        while (run(new StubEngine.Answers.Whole(0), new Driver.Plan(1, 10, Duration.ofMillis(300), Duration.ZERO))
                        .good()
                == 0) {
            Thread.sleep(200);
        }
    }

    Server server() {
        return server;
    }

    /** Returns where its health is asked for. */
    int adminPort() {
        return adminPort;
    }

    /** Returns a load that is connected but was not begun. */
    Driver driver(StubEngine.Answers answers, Driver.Plan plan) {
        loop.submit(() -> engines.answer(answers)).syncUninterruptibly();
        var driver = new Driver(loop, port, bodies, true, plan);
        driver.connect();
        return driver;
    }

    Driver.Result run(StubEngine.Answers answers, Driver.Plan plan) {
        var driver = driver(answers, plan);
        var result = driver.run();
        driver.close();
        return result;
    }

    @Override
    public void close() {
        server.close();
        engines.close();
        group.shutdownGracefully();
    }
}
