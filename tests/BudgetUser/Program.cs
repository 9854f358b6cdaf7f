using System.Diagnostics;
using Meshia;

// A process that shares the budget of a file and writes down what it sends: time, class and wait, 16 bytes each.
// BudgetUser <file> <window in ms> <seconds> <output> <seed>
// BudgetUser audit <file> <count>: writes lines into an audit log.
if (args[0] == "audit")
{
    for (var i = 0; i < int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture); i++)
    {
        if (AuditLog.TryWrite(args[1], new Dictionary<string, object?> { ["process"] = (long)Environment.ProcessId, ["number"] = (long)i }) is { } reason)
            throw new IOException(reason);
    }

    return;
}

// BudgetUser once <address> <settle seconds> <first> <count> <output> <at a time>: starts a session for each of the keys and writes down what it gets, and when. The API key is in MESHIA_API_KEY.
if (args[0] == "once")
{
    var (first, count) = (int.Parse(args[3], System.Globalization.CultureInfo.InvariantCulture), int.Parse(args[4], System.Globalization.CultureInfo.InvariantCulture));
    using var client = new MeshiaClient(new(Environment.GetEnvironmentVariable("MESHIA_API_KEY")!), new()
    {
        BaseUri = new(args[1]),
        RequestsPerMinute = int.MaxValue,
        RetryDelay = TimeSpan.FromMilliseconds(50),
        SettleTime = TimeSpan.FromSeconds(double.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture)),
    });
    var done = File.Exists(args[5]) ? File.ReadLines(args[5]).Select(line => line.Split(' ')[0]).ToHashSet() : [];
    using var output = File.Open(args[5], FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
    await Parallel.ForEachAsync(Enumerable.Range(first, count).Select(number => $"key{number}").Where(key => !done.Contains(key)), new ParallelOptions { MaxDegreeOfParallelism = int.Parse(args[6], System.Globalization.CultureInfo.InvariantCulture) }, async (key, cancellationToken) =>
    {
        while (true)
        {
            try
            {
                var session = await client.StartSessionAsync(new() { Name = "many", Gpu = "rtx4090", Once = key }, cancellationToken: cancellationToken);
                lock (output)
                {
                    output.Write(System.Text.Encoding.ASCII.GetBytes($"{key} {session.Id} {OnceKey.From(key).Token} {DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}\n"));
                    output.Flush();
                }

                return;
            }
            catch (MeshiaException)
            {
                // A job runs its command again.
            }
        }
    });
    return;
}

var random = new Random(int.Parse(args[4], System.Globalization.CultureInfo.InvariantCulture));
var budget = new RequestBudget(args[0], BudgetPage.Slots, TimeProvider.System, TimeSpan.FromMilliseconds(int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture)));
using var sends = File.Open(args[3], FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
using var end = new CancellationTokenSource(TimeSpan.FromSeconds(double.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture)));
try
{
    while (true)
    {
        var kind = random.Next(100) switch { < 10 => RequestClass.Poll, < 75 => RequestClass.Read, < 94 => RequestClass.Create, _ => RequestClass.Stop };
        var asked = Milliseconds();
        var turn = await budget.TakeAsync(kind, message => Note(message), end.Token);
        var sent = Milliseconds();
        sends.Write([.. BitConverter.GetBytes(sent), .. BitConverter.GetBytes((int)kind), .. BitConverter.GetBytes((int)(sent - asked))]);
        sends.Flush();
        await Task.Delay(random.Next(1, 20), CancellationToken.None);
        budget.Complete(turn);
    }
}
catch (OperationCanceledException)
{
    // The time is over.
}

void Note(ClientMessage message)
{
    if (message.Level == ClientMessageLevel.Warning)
        File.WriteAllText(args[3] + ".alone", message.Text);
}

static long Milliseconds() => (long)(Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency * 1000);
