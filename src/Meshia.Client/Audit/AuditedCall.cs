namespace Meshia;

/// <summary>One call that is logged, whatever the result.</summary>
/// <param name="action">What it does.</param>
/// <param name="path">The file.</param>
/// <param name="call">The call.</param>
/// <param name="key">The key that it uses.</param>
/// <param name="clock">The clock.</param>
internal sealed class AuditedCall(string action, string path, CallContext call, ApiKey key, TimeProvider clock)
{
    /// <summary>Sends it, and writes its line.</summary>
    public async Task<HttpResponseMessage> SendAsync(Func<Task<HttpResponseMessage>> send)
    {
        try
        {
            var response = await send().ConfigureAwait(false);
            await WriteAsync(response).ConfigureAwait(false);
            return response;
        }
        catch (MeshiaException failure)
        {
            var isRefused = failure.Failure == MeshiaFailure.Refused && !Resilience.LeavesOpen(failure.StatusCode!.Value);
            Write(isRefused ? "refused" : MayHaveBeenDone(failure) ? "unknown" : "not sent", (int?)failure.StatusCode, failure.RequestId, null, failure.Code);
            throw;
        }
        catch (OperationCanceledException)
        {
            Write(call.IsOnItsWay || call.MayHaveBeenDone ? "unknown" : "not sent", null, null, null, "cancelled");
            throw;
        }
    }

    private bool MayHaveBeenDone(MeshiaException failure) => failure.MayHaveBeenDone || call.MayHaveBeenDone || Resilience.MayHaveBeenDone(failure, call);

    private async Task WriteAsync(HttpResponseMessage response)
    {
        string? id = null;
        try
        {
            // The answer is in memory by now.
            if (action is "create" or "register")
                id = await ApiResponse.ReadAsync(response, value => action == "create" ? Session.From(value).Id : Webhook.From(value).Id).ConfigureAwait(false);
            else
                await ApiResponse.ReadAsync(response).ConfigureAwait(false);
        }
        catch (MeshiaException failure)
        {
            Write(failure.Failure == MeshiaFailure.Refused ? "refused" : "unknown", (int)response.StatusCode, ApiResponse.RequestIdOf(response), null, failure.Code);
            return;
        }

        Write("done", (int)response.StatusCode, ApiResponse.RequestIdOf(response), id, null);
    }

    private void Write(string outcome, int? status, string? requestId, string? createdId, string? code)
    {
        var segments = call.Request.Uri.AbsolutePath.TrimEnd('/').Split('/');
        var entry = new Dictionary<string, object?>
        {
            ["time"] = clock.GetUtcNow().UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
            ["action"] = action,
            ["outcome"] = outcome,
            ["id"] = createdId ?? action switch
            {
                "stop" => Uri.UnescapeDataString(segments[segments.Length - 2]),
                "unregister" => Uri.UnescapeDataString(segments[segments.Length - 1]),
                _ => null,
            },
            ["request_id"] = requestId,
            ["status"] = status is { } number ? (long)number : null,
            ["code"] = code,
            ["attempts"] = (long)call.Attempts,
            ["user"] = Environment.UserName,
            ["machine"] = Environment.MachineName,
            ["process"] = (long)ProcessId,
            ["command"] = call.Command,
            ["service"] = call.Request.Uri.GetLeftPart(UriPartial.Authority),
            ["key"] = key.ToString(),
        };
        if (AuditLog.TryWrite(path, entry) is { } reason)
            call.Tell(ClientMessageLevel.Warning, $"The line about '{action}' could not be written to the audit log of {AuditLog.Variable}: {reason:long}");
    }

    private static int ProcessId { get; } = GetProcessId();

    private static int GetProcessId()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return self.Id;
    }
}
