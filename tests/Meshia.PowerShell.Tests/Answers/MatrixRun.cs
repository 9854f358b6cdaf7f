using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Meshia.PowerShell.Tests;

/// <summary>One runspace and one service, which answers each call in one form.</summary>
internal sealed class MatrixRun : IAsyncDisposable
{
    /// <summary>What is another at each call.</summary>
    private static readonly string[] _changing = ["AdditionalProperties", "Path", "Latency", "RequestsLeft", "Elapsed", "BytesFetched", "Tries", "Resumed", "Until", "Cost", "BaseUri"];

    private static readonly ConcurrentDictionary<string, bool> _seen = new();
    private static int _created;

    private readonly ScriptedService _service;
    private readonly ModuleSession _session;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-matrix-");
    private MatrixForm? _form;
    private bool _isUsed;
    private bool _hasPosted;

    private MatrixRun(Func<Func<SeenRequest, HttpContext, Task>, Task<ScriptedService>> start)
    {
        _service = start(AnswerAsync).GetAwaiter().GetResult();
        _session = new();
    }

    public static Task<MatrixRun> StartAsync() => Task.Run(() => new MatrixRun(ScriptedService.StartAsync));

    /// <summary>Whether a request is the first of its kind in this call.</summary>
    public static bool IsFirst(SeenRequest request) => _seen.TryAdd($"{request.Method} {request.Path}", true);

    /// <summary>Runs a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="form">The form of the answers; the right ones where null.</param>
    /// <returns>What came; null where no answer of the call has this form.</returns>
    public MatrixResult? Run(MatrixCall call, MatrixForm? form)
    {
        (_form, _isUsed, _hasPosted) = (form, false, false);
        _seen.Clear();
        _created++;
        var result = _session.Invoke(
            $"try {{ {call.Script.Replace(call.Cmdlet, $"{call.Cmdlet} -Connection $connection", StringComparison.Ordinal)} }} catch {{ Write-Error -ErrorRecord $_ }}",
            ("connection", NewConnection(_service.BaseUri)), ("folder", _folder.FullName));
        return form is not null && !_isUsed ? null : new(
            [.. result.Output.Select(item => Shape(item))],
            [.. result.Errors.Select(error => $"{error.FullyQualifiedErrorId}: {error}"), .. result.Output.Select(item => item.BaseObject).Where(item => item.GetType().Name == "ConnectionTest").Select(item => item.GetType().GetProperty("Error")!.GetValue(item) as string).OfType<string>()],
            result.Warnings);
    }

    public async ValueTask DisposeAsync()
    {
        _session.Dispose();
        await _service.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task AnswerAsync(SeenRequest request, HttpContext context)
    {
        var origin = $"http://{context.Request.Host}";
        if (MatrixAnswer.To(request, origin, _hasPosted ? $"look_{_created}" : null) is not { } answer)
        {
            await (request.Path.StartsWith("/files/", StringComparison.Ordinal) ? new Reply(200, "the bytes", "text/plain") : Reply.Error(404, "not_found")).SendAsync(context.Response);
            return;
        }

        _hasPosted |= request is { Method: "POST" } && answer.Name is "session" or "webhook" && request.Path.EndsWith('s');
        if (_form?.Send is { } send && await send(answer, request, context))
            _isUsed = true;
        else if (_form?.Body?.Invoke(answer) is { } body)
            (_isUsed, _) = (true, context.Response.WriteAsync(body));
        else
            await new Reply(answer.Kind == MatrixKind.Empty ? 204 : 200, answer.Json).SendAsync(context.Response);
    }

    /// <summary>A connection of its own, so that each call warns anew. It has no limit of requests a minute.</summary>
    private static object NewConnection(Uri baseUri)
    {
        const BindingFlags any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var (module, client) = (ModuleSurface.Assemblies[0], ModuleSurface.Assemblies[1]);
        var options = Activator.CreateInstance(client.GetType("Meshia.MeshiaClientOptions")!)!;
        foreach (var (name, value) in new (string, object)[] { ("BaseUri", baseUri), ("RequestsPerMinute", 1_000_000), ("TimeProvider", new HastyClock()), ("RequestTimeout", TimeSpan.FromMinutes(50)), ("TotalTimeout", TimeSpan.FromMinutes(50)), ("MaxRetries", 2) })
            options.GetType().GetProperty(name)!.SetValue(options, value);
        var key = Activator.CreateInstance(client.GetType("Meshia.ApiKey")!, "msh_test_matrix_0001")!;
        var type = module.GetType("Meshia.MeshiaConnection")!;
        return type.GetConstructors(any)[0].Invoke([key, Enum.Parse(module.GetType("Meshia.KeySource")!, "Parameter"), options, null, true]);
    }

    /// <summary>All that an object says, as a text.</summary>
    private static string Shape(object? value) => value switch
    {
        null => "null",
        PSObject { BaseObject: PSCustomObject } custom => $"{{{string.Join(", ", custom.Properties.Select(property => $"{property.Name}={Shape(property.Value)}"))}}}",
        PSObject wrapped => Shape(wrapped.BaseObject),
        string text => text,
        IDictionary map => $"{{{string.Join(", ", map.Keys.Cast<object>().OrderBy(key => $"{key}", StringComparer.Ordinal).Select(key => $"{key}={Shape(map[key])}"))}}}",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Shape))}]",
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        _ => $"{value.GetType().Name}({string.Join(", ", value.GetType().GetProperties().Where(property => property.GetIndexParameters().Length == 0 && !_changing.Contains(property.Name)).OrderBy(property => property.Name, StringComparer.Ordinal).Select(property => $"{property.Name}={Shape(property.GetValue(value))}"))})",
    };
}

/// <summary>A clock whose waits are short: a second is 5 ms.</summary>
internal sealed class HastyClock : TimeProvider
{
    private const int Haste = 200;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / Haste : dueTime, period);
}

/// <summary>What a call gave.</summary>
/// <param name="Output">Its objects, as texts.</param>
/// <param name="Errors">Its errors.</param>
/// <param name="Warnings">Its warnings.</param>
internal sealed record MatrixResult(IReadOnlyList<string> Output, IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings)
{
    /// <summary>What is wrong with it; null if it is right.</summary>
    /// <param name="form">The form of the answers.</param>
    /// <param name="right">What the call gives of the right answers.</param>
    /// <param name="isGetting">Whether the cmdlet gives the objects of a list.</param>
    public string? WrongIn(MatrixForm form, MatrixResult right, bool isGetting)
    {
        var said = Errors.Concat(Warnings).ToList();
        var isSame = Output.SequenceEqual(right.Output);
        var isTold = said.Exists(text => text.Contains(form.Word, StringComparison.OrdinalIgnoreCase));
        return form.Outcome switch
        {
            MatrixOutcome.Same when said.Count > 0 => $"wrong: {string.Join(" / ", said)}",
            MatrixOutcome.Same when !isSame => $"wrong: {string.Join(" | ", Output)} instead of {string.Join(" | ", right.Output)}",
            MatrixOutcome.Said or MatrixOutcome.SaidAndOthers when said.Count == 0 => "silent",
            MatrixOutcome.Said or MatrixOutcome.SaidAndOthers when !isTold => $"wrong: '{form.Word}' is not in {string.Join(" / ", said)}",
            MatrixOutcome.SaidAndOthers when isGetting && !isSame => $"wrong: {string.Join(" | ", Output)} instead of {string.Join(" | ", right.Output)}",
            MatrixOutcome.Nothing when said.Exists(text => !text.Contains("not_found", StringComparison.Ordinal)) => $"wrong: {string.Join(" / ", said)}",
            MatrixOutcome.Nothing when isGetting && Output.Count > 0 => $"wrong: {string.Join(" | ", Output)}",
            _ => null,
        };
    }
}
