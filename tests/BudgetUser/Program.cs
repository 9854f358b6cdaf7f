using System.Diagnostics;
using Meshia;

// A process that shares the budget of a file and writes down what it sends: time, class and wait, 16 bytes each.
// BudgetUser <file> <window in ms> <seconds> <output> <seed>          BudgetUser bench <file>
if (args[0] == "bench")
{
    const int Rounds = 20_000;
    var bench = new RequestBudget(args[1], BudgetPage.Slots, TimeProvider.System, TimeSpan.FromMilliseconds(12));
    var times = new double[Rounds];
    for (var i = 0; i < Rounds; i++)
    {
        var began = Stopwatch.GetTimestamp();
        bench.Complete(await bench.TakeAsync(RequestClass.Stop, null, CancellationToken.None));
        times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
    }

    Array.Sort(times);
    Console.WriteLine(FormattableString.Invariant($"median {times[Rounds / 2]:0.0} us, 90 % {times[Rounds * 9 / 10]:0.0} us"));
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
