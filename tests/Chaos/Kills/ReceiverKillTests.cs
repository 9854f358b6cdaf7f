using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Meshia.Chaos.Tests;

/// <summary>A receiver is killed at any moment: what it has answered with 200 was taken, and is taken once, also by the next one.</summary>
public sealed class ReceiverKillTests : IDisposable
{
    private const string Secret = "chaos-secret-81f0a6d2";

    private const string Script = """
        param($Port, $Secret, $File)
        $text = [IO.File]::AppendText($File)
        $text.AutoFlush = $true
        [Console]::Out.WriteLine('ready')
        Receive-MeshiaWebhook "http://127.0.0.1:$Port/" -Secret $Secret | ForEach-Object { $text.WriteLine($_.Data.n) }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-chaos-");
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };

    private string TakenFile => Path.Combine(_folder.FullName, "taken.txt");

    public void Dispose()
    {
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_was_answered_is_an_event_once_whenever_the_receiver_is_killed()
    {
        var run = new ChaosRun(usual: 3);
        var port = FreePort();
        var answered = new List<int>();
        var unsure = new HashSet<int>();
        var next = 0;
        for (var round = 0; round < run.Rounds; round++)
        {
            using (var victim = Victim.StartScript(_folder.FullName, Script, $"{port}", Secret, TakenFile))
            {
                Assert.Equal("ready", await victim.ReadLineAsync());
                // It listens when the first delivery is taken.
                await SendAllAsync([next], answered, unsure, untilTaken: true);
                var killing = victim.KillAfterAsync(TimeSpan.FromMilliseconds(run.Random.Next(400)));
                await SendAllAsync(Enumerable.Range(next + 1, 500), answered, unsure, untilTaken: false, () => killing.IsCompleted);
                await killing;
                next += 501;
            }

            // The service sends again what it got no answer for, and an attacker all that was answered.
            var open = unsure.Except(answered).ToList();
            using var receiver = Victim.StartScript(_folder.FullName, Script, $"{port}", Secret, TakenFile);
            Assert.Equal("ready", await receiver.ReadLineAsync());
            await SendAllAsync([.. open, .. answered.TakeLast(50)], answered, unsure, untilTaken: true);
            await receiver.KillAfterAsync(TimeSpan.Zero);

            var taken = (await File.ReadAllLinesAsync(TakenFile, ChaosRun.Cancel)).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).ToLookup(number => number);
            var wrong = answered.Distinct().Where(number => unsure.Contains(number) ? !taken[number].Any() : taken[number].Count() != 1).ToList();
            Assert.True(wrong.Count == 0, $"{string.Join(", ", wrong.Take(5).Select(number => $"{number} was taken {taken[number].Count()} times"))} ({run.Round(round)})");
        }

        Assert.InRange(answered.Distinct().Count(), run.Rounds, int.MaxValue);
        ChaosRun.Say($"{answered.Distinct().Count()} deliveries were answered, {unsure.Count} were on their way at a kill");

        async Task SendAllAsync(IEnumerable<int> numbers, List<int> sure, HashSet<int> open, bool untilTaken, Func<bool>? isOver = null)
        {
            foreach (var number in numbers)
            {
                if (isOver?.Invoke() == true)
                    return;
                for (var tries = 0; ; tries++)
                {
                    try
                    {
                        using var response = await _http.SendAsync(Delivery(port, number), ChaosRun.Cancel);
                        if (response.StatusCode == HttpStatusCode.OK)
                        {
                            sure.Add(number);
                            break;
                        }
                    }
                    catch (HttpRequestException failure)
                    {
                        // Where nobody listened, it cannot have been taken.
                        if (failure.HttpRequestError != HttpRequestError.ConnectionError)
                            open.Add(number);
                    }

                    if (!untilTaken)
                        break;
                    Assert.True(tries < 600, $"The receiver does not take {number}.");
                    await Task.Delay(50, ChaosRun.Cancel);
                }
            }
        }
    }

    private static HttpRequestMessage Delivery(int port, int number)
    {
        // The same bytes each time, as a retry has them: the time is that of the first attempt.
        var body = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$$"""{"event":"plan.completed","timestamp":"{{{_began:O}}}","session_id":"s","data":{"n":{{{number}}}}}"""));
        var signature = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), body));
        return new(HttpMethod.Post, $"http://127.0.0.1:{port}/") { Content = new ByteArrayContent(body), Headers = { { "X-Meshia-Signature", signature } } };
    }

    private static readonly DateTime _began = DateTime.UtcNow;

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
