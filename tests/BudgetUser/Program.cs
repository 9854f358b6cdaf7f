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

var random = new Random(int.Parse(args[4], System.Globalization.CultureInfo.InvariantCulture));
var budget = new RequestBudget(args[0], BudgetPage.Slots, TimeProvider.System, TimeSpan.FromMilliseconds(int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture)));
using var output = File.Open(args[3], FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
using var end = new CancellationTokenSource(TimeSpan.FromSeconds(double.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture)));
try
{
    while (true)
    {
        var kind = random.Next(100) switch { < 10 => RequestClass.Poll, < 75 => RequestClass.Read, < 94 => RequestClass.Create, _ => RequestClass.Stop };
        var asked = Milliseconds();
        var turn = await budget.TakeAsync(kind, message => Note(message), end.Token);
        var sent = Milliseconds();
        output.Write([.. BitConverter.GetBytes(sent), .. BitConverter.GetBytes((int)kind), .. BitConverter.GetBytes((int)(sent - asked))]);
        output.Flush();
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
