using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>A status in the colour of the session's <c>$PSStyle</c>; Windows PowerShell has none.</summary>
internal static class StatusColour
{
    private static readonly PSObject? _style = typeof(PSObject).Assembly.GetType("System.Management.Automation.PSStyle")?.GetProperty("Instance")?.GetValue(null) is { } style ? PSObject.AsPSObject(style) : null;

    public static string Of(string status) => status.ToUpperInvariant() switch
    {
        "RUNNING" => Coloured(status, "Foreground", "Cyan"),
        "COMPLETED" => Coloured(status, "Foreground", "Green"),
        "FAILED" => Coloured(status, "Formatting", "Error"),
        "STOPPED" => Coloured(status, "Foreground", "BrightBlack"),
        "PROVISIONING" or "STOPPING" or "QUEUED" => Coloured(status, "Formatting", "Warning"),
        _ => status,
    };

    private static string Coloured(string status, string group, string name) =>
        _style?.Properties[group]?.Value is { } colours && PSObject.AsPSObject(colours).Properties[name]?.Value is string colour ? $"{colour}{status}{_style.Properties["Reset"].Value}" : status;
}
