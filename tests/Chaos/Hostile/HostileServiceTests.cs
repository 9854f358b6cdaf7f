using System.Text;

namespace Meshia.Chaos.Tests;

/// <summary>A service, or somebody between, that answers anything: each call ends with an object or with an error of the module, and says no secret.</summary>
public sealed class HostileServiceTests
{
    private static readonly string[] _pieces =
    [
        "HTTP/1.1 200 OK\r\n", "HTTP/1.1 401 No\r\n", "HTTP/1.1 429 Slow\r\nRetry-After: 0\r\n", "HTTP/1.1 503 X\r\nRetry-After: Thu, 01 Jan 1970 00:00:00 GMT\r\n", "HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:1/x\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/9.9 999 ?\r\n", "Content-Length: 5\r\n", "Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: chunked\r\n", "Content-Encoding: gzip\r\n",
        "Content-Encoding: br, zstd\r\n", "Content-Type: application/json; charset=utf-7\r\n", "X-Request-Id: \u001b]0;title\u0007\r\n", "Link: <<<>>>; rel=\"next\"\r\n", "Set-Cookie: a=b\r\n", "\r\n", "\r\n\r\n", "[", "{\"sessions\":[", "{\"id\":\"s\"}", "]}",
        "null,", "\"", "5\r\nhello\r\n", "0\r\n\r\n", "FFFFFFFFFFFFFFFF\r\n", "\0", "\uFEFF",
    ];

    private static readonly string[] _bodies =
    [
        """{"sessions":[{"id":"s1","name":"n","gpu":"rtx4090","status":"running","created_at":"2026-01-02T03:04:05Z"}],"next_cursor":null}""",
        """{"id":"e1","session_id":"s1","status":"completed","config":{"lr":0.1},"metrics":{"loss":[0.3,0.2]},"artifacts":[],"duration_seconds":3}""",
        """{"webhooks":[{"id":"w1","url":"https://h/","events":["plan.completed"]}]}""",
        """{"experiments":[{"id":"a","metrics":{"loss":1}},{"id":"b","metrics":{"loss":2}}]}""",
    ];

    [Fact]
    public async Task Whatever_comes_a_call_ends_with_an_object_or_an_error_of_the_module()
    {
        var run = new ChaosRun(usual: 400);
        var (answer, closes) = (Array.Empty<byte>(), true);
        const string Key = "msh_canary_of_the_chaos_77";
        await using var service = new RawService(async connection =>
        {
            while (true)
            {
                await connection.ReadRequestAsync();
                await connection.SendAsync(answer);
                if (closes)
                    return;
                await connection.StaySilentAsync();
            }
        });
        using var client = new MeshiaClient(new ApiKey(Key), new()
        {
            BaseUri = service.BaseUri,
            RequestTimeout = TimeSpan.FromMilliseconds(300),
            TotalTimeout = TimeSpan.FromMilliseconds(900),
            RetryDelay = TimeSpan.FromMilliseconds(10),
            MaxRetries = 1,
            RequestsPerMinute = 1_000_000,
        });
        var (objects, errors) = (0, 0);
        for (var round = 0; round < run.Rounds; round++)
        {
            answer = Answer(run.Random, Key);
            closes = run.Random.Next(20) > 0;
            try
            {
                await CallAsync(client, run.Random.Next(8));
                objects++;
            }
            catch (MeshiaException failure)
            {
                errors++;
                Assert.False(failure.ToString().Contains(Key, StringComparison.Ordinal), $"The key is in {failure} ({run.Round(round)})");
                Assert.False(failure.Message.Any(character => character is < ' ' and not '\n' or '\u009b'), $"{failure.Message} ({run.Round(round)})");
            }
            catch (ArgumentException failure) when (failure.Message.Contains("are the same experiment", StringComparison.Ordinal))
            {
                // The service gave one experiment for two ids.
                errors++;
            }
            catch (Exception unexpected)
            {
                Assert.Fail($"{unexpected} ({run.Round(round)}), after {Encoding.UTF8.GetString(answer)}");
            }
        }

        Assert.InRange(errors, run.Rounds / 100, run.Rounds);
        Assert.InRange(objects, run.Rounds / 100, run.Rounds);
        ChaosRun.Say($"{objects} calls gave objects, {errors} errors");
    }

    private static byte[] Answer(Random random, string key)
    {
        var text = new StringBuilder();
        if (random.Next(2) == 0)
        {
            // Nearly right: an answer with something odd in it, or with nothing odd.
            var body = _bodies[random.Next(_bodies.Length)];
            for (var count = random.Next(3); count > 0; count--)
                body = body.Insert(random.Next(body.Length), random.Next(8) == 0 ? key : _pieces[random.Next(_pieces.Length)]);
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
        }
        else
        {
            text.Append(random.Next(4) > 0 ? "HTTP/1.1 200 OK\r\n" : "");
            for (var count = random.Next(1, 9); count > 0; count--)
                text.Append(random.Next(8) == 0 ? key : _pieces[random.Next(_pieces.Length)]);
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        for (var count = random.Next(3); count > 0 && bytes.Length > 0; count--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    private static async Task CallAsync(MeshiaClient client, int which)
    {
        switch (which)
        {
            case 0:
                await foreach (var _ in client.GetSessionsAsync(cancellationToken: ChaosRun.Cancel)) { }
                break;
            case 1:
                await foreach (var _ in client.GetWebhooksAsync(cancellationToken: ChaosRun.Cancel)) { }
                break;
            case 2:
                await client.GetSessionAsync("s", cancellationToken: ChaosRun.Cancel);
                break;
            case 3:
                await client.StopSessionAsync("s", cancellationToken: ChaosRun.Cancel);
                break;
            case 4:
                await client.GetExperimentAsync("e", cancellationToken: ChaosRun.Cancel);
                break;
            case 5:
                await client.CompareExperimentsAsync(["a", "b"], new(), cancellationToken: ChaosRun.Cancel);
                break;
            case 6:
                await client.DeleteWebhookAsync("w", cancellationToken: ChaosRun.Cancel);
                break;
            default:
                await client.SendAsync(HttpMethod.Get, "/x", cancellationToken: ChaosRun.Cancel);
                break;
        }
    }
}
