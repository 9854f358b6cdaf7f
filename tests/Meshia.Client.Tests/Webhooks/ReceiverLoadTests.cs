using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Meshia.Client.Tests;

/// <summary>Many deliveries at once, and requests that are not valid in any way.</summary>
public sealed class ReceiverLoadTests : ReceiverTest
{
    [Fact]
    public async Task Of_twenty_thousand_deliveries_every_good_one_comes_out_once_and_every_bad_one_is_answered_rightly()
    {
        const int Connections = 64;
        const int PerWorker = 313;
        var numbers = new ConcurrentDictionary<long, int>();
        Take = (received, _) =>
        {
            numbers.AddOrUpdate((long)received.Data["n"]!, 1, (_, times) => times + 1);
            return Task.FromResult(true);
        };

        var expected = 0;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(worker => Task.Run(async () =>
        {
            var connection = await ConnectAsync();
            try
            {
                for (var i = 0; i < PerWorker; i++)
                {
                    var n = (worker * PerWorker) + i;
                    var (request, status) = (n % 60) switch
                    {
                        7 => (Post(Event(n), signature: $"X-Meshia-Signature: {WebhookSignature.Sign("x"u8.ToArray(), Secret)}\r\n"), 401),
                        17 => (Post(Event(n), signature: ""), 401),
                        27 => (Post(new string('x', MaxBody + 1)), 413),
                        37 => (Post("{ not JSON"), 400),
                        47 => (Post(Event(n))[..^5], 0),
                        57 when worker % 8 == 0 && i < 60 => (Post(Event(n))[..^5], 408),
                        57 => (Head("GET", "/hook", ""), 405),
                        _ => (Post(Event(n)), 200),
                    };
                    await connection.SendAsync(Encoding.UTF8.GetBytes(request), Cancel);
                    if (status == 0)
                        connection.Shutdown(SocketShutdown.Send);
                    var head = await ReadHeadAsync(connection);
                    Assert.Equal(status == 0 ? "" : status.ToString(CultureInfo.InvariantCulture), head.Length == 0 ? "" : head.Split(' ')[1]);
                    if (status == 200)
                    {
                        Interlocked.Increment(ref expected);
                        continue;
                    }

                    connection.Dispose();
                    connection = await ConnectAsync();
                }
            }
            finally
            {
                connection.Dispose();
            }
        })));

        Assert.Equal(expected, numbers.Count);
        Each.Of(numbers.Values, times => Assert.Equal(1, times));
        Assert.InRange(expected, 17_000, 19_000);
    }

    [Fact]
    public async Task Whatever_is_sent_nothing_escapes_and_the_next_delivery_is_taken()
    {
        await RestartAsync(new() { Uri = new("http://127.0.0.1:0/hook"), Secrets = [Secret], MaxBodyBytes = MaxBody, RequestTimeout = TimeSpan.FromSeconds(2) });
        var random = new Random(5);
        string[] seeds =
        [
            Post(Event(1)),
            Head("POST", "/hook", "Transfer-Encoding: chunked\r\n" + SignatureOf("abc")) + "3\r\nabc\r\n0\r\n\r\n",
            Head("POST", "http://x/hook?a=b", "Expect: 100-continue\r\nContent-Length: 3\r\n") + "abc",
        ];
        await Task.WhenAll(Enumerable.Range(0, 3000).Select(i => Mutate(seeds[i % seeds.Length], random)).Chunk(100).Select(chunk => Task.Run(async () =>
        {
            foreach (var bytes in chunk)
            {
                using var connection = await ConnectAsync();
                await connection.SendAsync(bytes, Cancel);
                connection.Shutdown(SocketShutdown.Send);
                try
                {
                    var head = await ReadHeadAsync(connection);
                    Assert.True(head.Length == 0 || (head.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && !head.StartsWith("HTTP/1.1 500", StringComparison.Ordinal)), head);
                }
                catch (SocketException)
                {
                    // Left, as a sender of nonsense may be.
                }
            }
        })));

        Assert.False(Running.IsCompleted);
        Assert.Equal(200, await SendAsync(Post(Event(99))));
        await Stop.CancelAsync();
        await Running;
    }

    private static byte[] Mutate(string request, Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(request).ToList();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveAt(at); break;
                case 2: bytes.Insert(at, (byte)"\r\n :\0;,0\x7f\xff"[random.Next(10)]); break;
                default: bytes.InsertRange(at, bytes.GetRange(at, random.Next(bytes.Count - at)).ToArray()); break;
            }
        }

        return [.. bytes];
    }
}
