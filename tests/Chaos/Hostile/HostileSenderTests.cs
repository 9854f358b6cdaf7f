using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Meshia.Chaos.Tests;

/// <summary>
/// Deliveries of which a tenth is bad and a tenth is replayed, with slow clients beside them that never end their requests. The
/// full form sends 20,000 beside 500 of those.
/// </summary>
public sealed class HostileSenderTests
{
    private const string Secret = "chaos-secret-77c02e51";
    private const int Connections = 16;

    /// <summary>What a good delivery may take in the full form. The short form runs on machines that are busy with other tests.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Each_good_delivery_is_an_event_once_and_nothing_else_is()
    {
        var run = new ChaosRun(usual: 1);
        var (count, slow) = ChaosRun.IsFull ? (20_000, 500) : (2_000, 100);
        var taken = new ConcurrentDictionary<long, int>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ChaosRun.Cancel);
        using var receiver = new WebhookReceiver(
            new() { Uri = new("http://127.0.0.1:0/"), Secrets = [Secret], MaximumAge = TimeSpan.FromHours(24) },
            (received, _) =>
            {
                taken.AddOrUpdate((long)received.Data["n"]!, 1, static (_, times) => times + 1);
                return Task.FromResult(true);
            });
        var running = receiver.RunAsync(stop.Token);
        var port = receiver.Uri.Port;
        // What each number is, decided before anybody sends: the chance is on one thread.
        var kinds = Enumerable.Range(0, count).Select(_ => run.Random.Next(10)).ToArray();
        var others = Enumerable.Range(0, slow).Select(number => DripAsync(port, number, stop.Token)).ToArray();
        var times = new ConcurrentBag<TimeSpan>();
        await Task.Delay(100, ChaosRun.Cancel);
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await Task.WhenAll(Enumerable.Range(0, Connections).Select(worker => Task.Run(
            async () =>
            {
                for (var number = worker; number < count; number += Connections)
                {
                    var body = Body(number);
                    if (kinds[number] == 0)
                    {
                        Assert.InRange(await SendAsync(port, body, "sha256=" + new string('0', 64)), 400, 401);
                        continue;
                    }

                    for (var sends = kinds[number] == 1 ? 2 : 1; sends > 0; sends--)
                    {
                        var watch = Stopwatch.StartNew();
                        Assert.Equal(200, await SendAsync(port, body, WebhookSignature.Sign(Encoding.UTF8.GetBytes(body), Secret)));
                        times.Add(watch.Elapsed);
                    }
                }
            },
            ChaosRun.Cancel)));

        GC.Collect();
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        await stop.CancelAsync();
        await running;
        await Task.WhenAll(others);
        var good = Enumerable.Range(0, count).Where(number => kinds[number] != 0).ToList();
        ChaosRun.Say(string.Create(CultureInfo.InvariantCulture, $"{good.Count} good ones of {count}, the slowest {times.Max().TotalMilliseconds:0} ms; {grown / 1024} KB more memory"));
        Assert.True(good.Count == taken.Count && good.TrueForAll(number => taken.TryGetValue(number, out var times) && times == 1), $"{taken.Count} of {good.Count} were taken, {taken.Values.Count(times => times > 1)} more than once ({run.Round(0)})");
        if (ChaosRun.IsFull)
        {
            Assert.InRange(times.Max(), TimeSpan.Zero, _longest);
            // What it remembers of each delivery, for 24 hours: a hash and a time.
            Assert.InRange(grown, long.MinValue, count * 1024L);
        }
    }

    private static string Body(int number) => string.Create(CultureInfo.InvariantCulture, $$$"""{"event":"plan.completed","timestamp":"{{{DateTime.UtcNow:O}}}","session_id":"s","data":{"n":{{{number}}}}}""");

    private static async Task<int> SendAsync(int port, string body, string signature)
    {
        // As a service does that cannot connect: it comes again.
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, port, ChaosRun.Cancel);
                await socket.SendAsync(Encoding.UTF8.GetBytes($"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nX-Meshia-Signature: {signature}\r\n\r\n{body}"), ChaosRun.Cancel);
                var head = new byte[64];
                var read = await socket.ReceiveAsync(head, ChaosRun.Cancel);
                if (read > 12)
                    return int.Parse(Encoding.ASCII.GetString(head, 9, 3), CultureInfo.InvariantCulture);
            }
            catch (SocketException) when (tries < 5)
            {
                await Task.Delay(10, ChaosRun.Cancel);
            }

            Assert.True(tries < 5, "A delivery got no answer five times.");
        }
    }

    /// <summary>A client that sends a byte of a request now and then, and comes again when it is left.</summary>
    private static async Task DripAsync(int port, int number, CancellationToken stop)
    {
        var request = Encoding.ASCII.GetBytes(number % 3 == 0 ? "" : $"POST / HTTP/1.1\r\nHost: x\r\nX-{new string('y', 4000)}");
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port, stop);
                foreach (var octet in request)
                {
                    await socket.SendAsync(new[] { octet }, stop);
                    await Task.Delay(50, stop);
                }

                await socket.ReceiveAsync(new byte[1], stop);
                await Task.Delay(1000, stop);
            }
            catch (Exception failure) when (failure is SocketException or OperationCanceledException)
            {
                // It was left, which is right. It comes again after a while: this is about slow senders, and not about a flood.
                await Task.Delay(1000, CancellationToken.None);
            }
        }
    }
}
