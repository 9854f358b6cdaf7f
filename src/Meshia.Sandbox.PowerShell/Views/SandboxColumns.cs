using System.Globalization;
using System.Management.Automation;

namespace Meshia.PowerShell;

#pragma warning disable CS1591 // Each is the column of its name; src/Meshia.Views says where it is shown.

/// <summary>
/// What the views show of an object of a sandbox, live or deserialized. PowerShell reads Meshia.Sandbox.types.ps1xml before
/// the module Meshia is there, so these methods are in this assembly.
/// </summary>
public static class SandboxColumns
{
    public static object? Id(PSObject item) => ViewColumns.Id(item);

    public static object? StartedAge(PSObject item) => ViewColumns.StartedAge(item);

    public static object? StartedAt(PSObject item) => ViewColumns.StartedAt(item);

    public static object? CreatedAt(PSObject item) => ViewColumns.CreatedAt(item);

    public static object? Latency(PSObject item) => ViewColumns.Latency(item);

    public static object? Error(PSObject item) => ViewColumns.Error(item);

    public static object? On(PSObject item) => Text(item, "On");

    public static object? Method(PSObject item) => Text(item, "Method");

    public static object? Path(PSObject item) => Text(item, "Path");

    /// <summary>The effect of a fault, without its id.</summary>
    public static object? FaultEffect(PSObject item) => Text(item, "Fault")?.Split(' ').Last();

    public static object? Event(PSObject item) => Text(item, "Event");

    public static object? RequestId(PSObject item) => Text(item, "RequestId");

    public static object? Body(PSObject item) => Text(item, "Body");

    public static object? RequestBody(PSObject item) => Text(item, "RequestBody");

    public static object? ResponseBody(PSObject item) => Text(item, "ResponseBody");

    public static object? At(PSObject item) => ViewColumns.Moment(item, "At");

    public static object? Now(PSObject item) => ViewColumns.Moment(item, "Now");

    private static string? Text(PSObject item, string property) =>
        Convert.ToString(item.Properties[property]?.Value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? DisplayText.Clean(text, int.MaxValue) : null;
}
