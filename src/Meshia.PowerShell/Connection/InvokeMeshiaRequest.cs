using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Invoke-MeshiaRequest</c>: sends any request of the API, with the same key, limit and retry as the others.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "MeshiaRequest", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Invoke-MeshiaRequest.md")]
[OutputType(typeof(PSObject))]
public sealed class InvokeMeshiaRequest : ReadingCmdlet
{
    /// <summary>The path below the base address, as in <c>/sessions?status=running</c>.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(EndpointCompleter))]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The HTTP method.</summary>
    [Parameter(Position = 1)]
    [ValidateSet("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")]
    public string Method { get; set; } = "GET";

    /// <summary>What to send as JSON: a hashtable or another object, or a string that is JSON already.</summary>
    [Parameter]
    public object? Body { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var method = Method.ToUpperInvariant();
        if (method is not ("GET" or "HEAD") && !ShouldProcess($"{Path:long}", $"{method}"))
            return;
        object? body;
        try
        {
            // Here, since properties that are scripts run on the pipeline's thread only.
            body = BodyValues();
        }
        catch (ArgumentException failure)
        {
            WriteError(failure.ToErrorRecord("InvalidArgument", Path));
            return;
        }

        RunFor(Path, async cancellationToken =>
        {
            var answer = PlainValues.ToPowerShell(await Client.SendAsync(new HttpMethod(method), Path, body, Call, cancellationToken).ConfigureAwait(false));
            if (answer is object?[] items)
            {
                foreach (var item in items)
                    await EmitAsync(item!).ConfigureAwait(false);
            }
            else if (answer is not null)
            {
                await EmitAsync(answer).ConfigureAwait(false);
            }
        });
    }

    private object? BodyValues()
    {
        if ((Body is PSObject wrapped ? wrapped.BaseObject : Body) is not string text)
            return PlainValues.FromPowerShell(Body);
        try
        {
            return MeshiaClient.ParseJson(text);
        }
        catch (FormatException failure)
        {
            throw new ArgumentException($"-Body is a string that is not JSON. {failure.Message} Use a hashtable, or JSON, for example: '{{\"name\":\"value\"}}'", nameof(Body), failure);
        }
    }
}
